"""Launch commands: what is printed runs, and loads what was measured."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from epyc_assets.inference import backend as backend_module
from epyc_assets.inference import config as config_module
from epyc_assets.inference.backend import DraftModel, SessionRequest
from epyc_assets.inference.config import LaunchParameters, LoadParameters, Speculation
from epyc_assets.inference.launch_command import launch_commands, source_of
from epyc_assets_tests.inference.test_config import configs
from epyc_assets_tests.models import shipped

NAMES: dict[str, Any] = {**vars(backend_module), **vars(config_module), "Path": Path}
PLAIN = SessionRequest(Path("/models/big.gguf"), LoadParameters(context_tokens=512, threads=1))
BOTH = Speculation(draft="small", draft_tokens=16, ngram_tokens=3, lookup_tokens=8)
WITH_DRAFT = SessionRequest(
    Path("/models/big one.gguf"),
    PLAIN.parameters,
    drafts={"small": DraftModel(Path("/models/small.gguf"), PLAIN.parameters)},
)


@given(configs)
def test_source_text_gives_the_value_back(config: config_module.Config) -> None:
    request = SessionRequest(Path("/a/b'c.gguf"), config.runtime, launch=config.launch)
    for value in (config, request):
        assert eval(source_of(value), dict(NAMES)) == value


def test_the_server_command_is_one_shell_command_with_the_same_words() -> None:
    commands = launch_commands(WITH_DRAFT, BOTH, program="/opt/llama/llama-server", port=9000)
    assert shlex.split(commands.server_text.replace("\\\n", " ")) == list(commands.server)
    assert commands.server[0] == "/opt/llama/llama-server"
    assert "/models/big one.gguf" in commands.server
    assert commands.server_text.splitlines()[0].startswith("/opt/llama/llama-server")
    assert all(len(line) < 60 for line in commands.server_text.splitlines())


def test_prefix_policy_library_and_variables_come_before_the_program() -> None:
    launch = LaunchParameters("interleave=all", "/opt/other", {"OMP_WAIT_POLICY": "active"})
    request = SessionRequest(PLAIN.model_path, PLAIN.parameters, launch=launch)
    commands = launch_commands(request, None, launch_prefix=["numactl", "--membind=0"])
    before = list(commands.server[: commands.server.index("llama-server")])
    assert before == ["numactl", "--interleave=all", "env", "LD_LIBRARY_PATH=/opt/other", "OMP_WAIT_POLICY=active"]
    assert "os.environ['LLAMA_CPP_LIB_PATH'] = '/opt/other'" in commands.python
    assert commands.python.index("os.environ") < commands.python.index("import llama_cpp")
    assert any("numactl --interleave=all" in note for note in commands.python_notes)


def test_a_draft_model_is_named_as_what_python_cannot_do() -> None:
    commands = launch_commands(WITH_DRAFT, Speculation(draft="small", draft_tokens=8))
    assert "small" not in commands.python
    assert any("no door for a draft model" in note for note in commands.python_notes)
    assert not any("draft model" in note for note in launch_commands(PLAIN, None).python_notes)


def test_a_draft_that_is_not_in_the_request_is_refused() -> None:
    with pytest.raises(KeyError, match="small"):
        launch_commands(PLAIN, BOTH)


def test_the_python_call_runs_and_loads_what_it_says() -> None:
    parameters = LoadParameters(
        context_tokens=256,
        threads=1,
        batch_tokens=128,
        micro_batch_tokens=64,
        flash_attention="on",
        kv_type="q8_0",
        mmap=False,
        metadata_overrides={"qwen3moe.expert_used_count": 1},
    )
    commands = launch_commands(
        SessionRequest(shipped("demo-moe"), parameters), Speculation(ngram_tokens=2, lookup_tokens=4)
    )
    asked = (
        "import sys\n"
        "count = model('1 + 1 =', max_tokens=6, temperature=0)['usage']['completion_tokens']\n"
        "print(model.n_ctx(), model.n_batch, model.draft_model.num_pred_tokens, count > 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{commands.python}\n{asked}"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["256", "128", "4", "True"]
    assert "expert_used_count" in done.stderr, "llama.cpp's log does not mention the override"


def test_the_platforms_own_call_runs_and_drafts() -> None:
    drafts = {"small": DraftModel(shipped("demo-draft"), PLAIN.parameters)}
    commands = launch_commands(
        SessionRequest(shipped("demo-target"), PLAIN.parameters, drafts=drafts),
        Speculation(draft="small", draft_tokens=4),
    )
    found: dict[str, Any] = {}
    exec(commands.platform.replace("max_tokens=256", "max_tokens=12, ignore_eos=True"), found)
    assert found["answer"].status == "ok", found["answer"].status_reason
    assert found["answer"].speculation.drafted_tokens > 0
    assert not found["session"].alive


@pytest.mark.parametrize("name", ["f32", "f16", "q8_0", "q4_0"])
def test_kv_types_are_those_of_the_library(name: str) -> None:
    request = SessionRequest(PLAIN.model_path, LoadParameters(kv_type=name))
    assert f"type_k=llama_cpp.GGML_TYPE_{name.upper()}," in launch_commands(request, None).python
