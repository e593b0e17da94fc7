"""Loading a registry: what is right, and one readable line for each thing that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epyc_assets.registry import RegistryFault, load_registry, registry_directory
from epyc_assets_tests.registry.registries import FLEET, HOST, faults_of, write_registry


def with_model(text: str) -> str:
    """The small fleet with one more model, `new`."""
    entry = "".join(f"    {line}\n" for line in text.splitlines())
    return FLEET.replace("roles:\n", f"  new:\n{entry}roles:\n")


def with_role(text: str) -> str:
    """The small fleet with one more role, `new`."""
    entry = "".join(f"    {line}\n" for line in text.splitlines())
    return FLEET.replace("question_sets:\n", f"  new:\n{entry}question_sets:\n")


def test_a_sound_registry_loads(tmp_path: Path) -> None:
    registry = load_registry(write_registry(tmp_path))
    fleet = registry.fleet("small")
    assert list(fleet.models) == ["target", "draft"]
    assert fleet.models["target"].drafts == ["draft"]
    assert fleet.roles["frontdoor"].gates[0].minimum == 0.7
    assert fleet.question_sets[0].tiers == [1, 2, 3]
    assert registry.host_of("small").name == "here"
    assert registry.checkout == tmp_path


def test_a_fleet_may_be_a_folder_of_files(tmp_path: Path) -> None:
    head, roles = FLEET.split("roles:\n")
    files = {"fleets/two/models.yaml": head, "fleets/two/roles.yaml": "roles:\n" + roles}
    registry = load_registry(write_registry(tmp_path, more=files))
    assert registry.fleet("two").roles.keys() == registry.fleet("small").roles.keys()


def test_entries_cannot_be_changed(tmp_path: Path) -> None:
    model = load_registry(write_registry(tmp_path)).fleet("small").models["target"]
    with pytest.raises(ValueError, match="frozen"):
        model.file = "other.gguf"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("fleet", "expected"),
    [
        pytest.param(
            FLEET.replace("[draft]", "[drft]"),
            'registry/fleets/small.yaml:5: models.target.drafts[0]: no model named "drft" in this fleet; '
            'did you mean "draft"?',
            id="unknown draft",
        ),
        pytest.param(
            FLEET.replace("candidates: [target]", "candidates: [traget]"),
            'roles.frontdoor.candidates[0]: no model named "traget" in this fleet; did you mean "target"?',
            id="unknown candidate",
        ),
        pytest.param(
            FLEET.replace("[expert]", "[export]"),
            'roles.frontdoor.escalation[0]: no role named "export" in this fleet; did you mean "expert"?',
            id="unknown escalation target",
        ),
        pytest.param(
            FLEET.replace("host: here", "host: heer"),
            'fleets/small.yaml:1: host: no host named "heer"; did you mean "here"?; hosts are: here',
            id="unknown host",
        ),
        pytest.param(
            FLEET.replace("description: Knows.", "description: Knows.\n    escalation: [frontdoor]"),
            "escalation goes in a circle: frontdoor -> expert -> frontdoor",
            id="escalation in a circle",
        ),
        pytest.param(
            FLEET.replace("drafts: [draft]", "draft: [draft]"),
            'models.target: unknown key "draft"; did you mean "drafts"?',
            id="misspelt key",
        ),
        pytest.param(
            with_model("file: n.gguf\nzzz: 1"),
            'models.new: unknown key "zzz"; known keys are active_parameter_count, architecture,',
            id="unknown key like no other",
        ),
        pytest.param(
            with_model("file: n.gguf\nsize_bytes: 12 GB"),
            'models.new.size_bytes: should be a whole number, but is "12 GB" (text)',
            id="text for a number",
        ),
        pytest.param(
            with_model("file: n.gguf\nload_timeout_s: 1e2"),
            'models.new.load_timeout_s: should be a number, but is "1e2" (text); write 100.0',
            id="number that YAML takes for text",
        ),
        pytest.param(
            with_model('file: n.gguf\nsize_bytes: "5"'),
            'models.new.size_bytes: should be a whole number, but is "5" (text); write 5',
            id="number in quotes",
        ),
        pytest.param(
            with_model("file: n.gguf\nsize_bytes: true"),
            "models.new.size_bytes: should be a whole number, but is True (true or false)",
            id="truth value for a number",
        ),
        pytest.param(
            with_model("file: n.gguf\ndrafts: draft"),
            'models.new.drafts: should be a list, but is "draft" (text)',
            id="text for a list",
        ),
        pytest.param(
            with_model("file: n.gguf\nthinking: [1]"),
            "models.new.thinking: should be a table (key: value), but is a list of 1",
            id="list for a table",
        ),
        pytest.param(
            with_model("file: n.gguf\nresidency: luke"),
            'models.new.residency: "luke" (text) is not known; known are hot, warm, cold',
            id="unknown word",
        ),
        pytest.param(
            with_model("file: n.gguf\nforbidden:\n  - {technique: speculation, reason: x}"),
            'models.new.forbidden[0].technique: "speculation" (text) is not known; did you mean "spec"?',
            id="unknown technique",
        ),
        pytest.param(
            with_model("file: n.gguf\nforbidden:\n  - {technique: spec}"),
            'models.new.forbidden[0]: the key "reason" is missing',
            id="ban without reason",
        ),
        pytest.param(
            with_model('file: n.gguf\nforbidden:\n  - {technique: spec, reason: ""}'),
            "models.new.forbidden[0].reason: is empty",
            id="ban with empty reason",
        ),
        pytest.param(
            with_model("file: n.gguf\nexpert_count: 4\nexpert_used_count: 8"),
            "models.new.expert_used_count: uses 8 experts but the model has only 4 (expert_count)",
            id="more experts used than there are",
        ),
        pytest.param(
            with_model("file: n.gguf\nexpert_used_count: 8"),
            "models.new.expert_used_count: is given without expert_count",
            id="experts used without experts",
        ),
        pytest.param(
            with_model("file: n.gguf\ncontext_tokens: 0"),
            "models.new.context_tokens: should be at least 1, but is 0 (a whole number)",
            id="zero context",
        ),
        pytest.param(
            with_model("file: n.gguf\nquestion_timeout_s: .nan"),
            "models.new.question_timeout_s: should be",
            id="not a number",
        ),
        pytest.param(
            with_model("file: n.gguf\ntemperatures: {maths: 0.5}"),
            'models.new.temperatures.maths: no suite named "maths"; did you mean "math"?',
            id="temperature of an unknown suite",
        ),
        pytest.param(
            with_model("file: /models/n.gguf"),
            "models.new.file: '/models/n.gguf' is an absolute path: write it relative to a model root",
            id="absolute path",
        ),
        pytest.param(
            with_model("file: ../n.gguf"),
            "models.new.file: '../n.gguf' leads out of the model root",
            id="path out of the root",
        ),
        pytest.param(with_model("file: n.bin"), 'models.new.file: "n.bin" does not end in .gguf', id="other suffix"),
        pytest.param(
            with_model("kind: chat"),
            'models.new: the key "file" is missing (only models of kind external have none)',
            id="model without file",
        ),
        pytest.param(
            with_model("kind: external\nfile: n.gguf"),
            "models.new.file: an external model has no file: remove it, or change kind",
            id="external model with file",
        ),
        pytest.param(
            with_model("file: target.gguf"),
            'models.new.file: is also the file of "target": one model has one entry; roles may share it',
            id="one file twice",
        ),
        pytest.param(
            with_model("file: n.gguf\ndrafts: [new]"),
            "models.new.drafts[0]: a model cannot be its own draft",
            id="own draft",
        ),
        pytest.param(
            with_model("file: n.gguf\nname: other"),
            'models.new.name: says "other", but the model is called "new": remove the line',
            id="second name",
        ),
        pytest.param(
            with_model("file: n.gguf\nmeasured:\n  - {name: tps, value: 1.0, unit: s, trusted: false}"),
            "models.new.measured[0]: trusted is false: say why in doubt",
            id="mistrust without doubt",
        ),
        pytest.param(
            FLEET.replace("  draft:\n", "  my model:\n"),
            "'my model' cannot be a name: use letters, digits, '.', '_' and '-' only",
            id="name that is no partition key",
        ),
        pytest.param(
            FLEET.replace("  draft:\n", "  target:\n"),
            "fleets/small.yaml:6: models.target: the key appears twice (first on line 3): keep one",
            id="model twice",
        ),
        pytest.param(
            with_role("tier: B\ndescription: x\ngates:\n  - {suite: maths, minimum: 0.5}"),
            'roles.new.gates[0].suite: "maths" (text) is not known; did you mean "math"?',
            id="gate on an unknown suite",
        ),
        pytest.param(
            with_role("tier: B\ndescription: x\ngates:\n  - {suite: math, minimum: 70}"),
            "roles.new.gates[0].minimum: pass_rate is a ratio from 0 to 1 (70 % is 0.70), but this is 70.0",
            id="gate in percent",
        ),
        pytest.param(
            with_role("tier: B\ndescription: x\ngates:\n  - {suite: math}"),
            "roles.new.gates[0]: a gate needs a minimum or a maximum",
            id="gate without bound",
        ),
        pytest.param(
            with_role("tier: B\ndescription: x\ngates:\n  - {suite: math, minimum: 0.9, maximum: 0.1}"),
            "roles.new.gates[0]: minimum 0.9 is above maximum 0.1: nothing can pass",
            id="gate nothing passes",
        ),
        pytest.param(
            with_role("tier: B\ndescription: x\nserved_with: {technique: spec}"),
            'roles.new.served_with: technique "spec" needs a draft',
            id="speculation without draft",
        ),
        pytest.param(
            with_role("tier: B\ndescription: x\nserved_with: {technique: baseline, experts: 2}"),
            'roles.new.served_with.experts: has no meaning for technique "baseline" (it belongs to moe)',
            id="parameter of another technique",
        ),
        pytest.param(
            FLEET + "  - {suite: math, count: 5}\n",
            "question_sets[1]: the suite math with seed 0 is already listed",
            id="questions twice",
        ),
        pytest.param(
            FLEET + "  - {suite: maths, count: 5}\n",
            'question_sets[1]: no suite named "maths"; did you mean "math"? (suites of imported files:',
            id="questions of an unknown suite",
        ),
        pytest.param(
            FLEET + "  - {suite: My-Suite, count: 5, source: imported}\n",
            "question_sets[1]: 'My-Suite' is no name of a suite",
            id="questions of a suite that no file can hold",
        ),
        pytest.param(
            FLEET + "  - {suite: all, count: 5, source: imported}\n",
            "question_sets[1]: all means all suites together",
            id="questions of a suite whose name means all of them",
        ),
        pytest.param("- a\n- b\n", "should hold a table (key: value), but holds a list of 2", id="a list"),
        pytest.param("host: here\nmodels: 5\n", "models: should be a table (key: value)", id="models a number"),
    ],
)
def test_each_fault_says_where_what_and_what_to_do(tmp_path: Path, fleet: str, expected: str) -> None:
    lines = faults_of(write_registry(tmp_path, fleet))
    assert any(expected in line for line in lines), "\n".join(lines)


def test_imported_suites_may_have_any_name_and_stand_beside_generated_ones(tmp_path: Path) -> None:
    more = "  - {suite: cooking, count: 5, source: imported}\n  - {suite: math, count: 5, source: imported}\n"
    (fleet,) = load_registry(write_registry(tmp_path, FLEET + more)).fleets.values()
    assert [(each.suite, each.source) for each in fleet.question_sets] == [
        ("math", None),
        ("cooking", "imported"),
        ("math", "imported"),
    ]


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    fleet = FLEET.replace("[draft]", "[drft]").replace("tier: A", "tier: Z").replace("host: here", "hoste: here")
    registry = write_registry(
        tmp_path, fleet, host="cores: none\n", quirks="quirks: 7\n", more={"hosts/b.yaml": "cores: [\n"}
    )
    lines = faults_of(registry)
    for part in ('"drft"', '"Z"', '"hoste"', '"host" is missing', "cores:", "quirks:", "hosts/b.yaml"):
        assert any(part in line for line in lines), (part, lines)
    assert lines == sorted(lines, key=lambda line: line.split(":")[0])


def test_one_fault_in_a_host_does_not_make_its_fleets_faulty(tmp_path: Path) -> None:
    lines = faults_of(write_registry(tmp_path, host="cores: many\n"))
    assert lines == ['registry/hosts/here.yaml:1: cores: should be a whole number, but is "many" (text)']


def test_a_model_in_two_files_of_a_fleet_is_told(tmp_path: Path) -> None:
    files = {
        "fleets/two/a.yaml": "host: here\nmodels:\n  m: {file: m.gguf}\n",
        "fleets/two/b.yaml": "models:\n  m: {file: n.gguf}\n",
    }
    lines = faults_of(write_registry(tmp_path, more=files))
    assert lines == [
        "registry/fleets/two/b.yaml:2: models.m: is already in registry/fleets/two/a.yaml, line 3: keep one"
    ]


def test_a_fleet_as_file_and_as_folder_is_told(tmp_path: Path) -> None:
    lines = faults_of(write_registry(tmp_path, more={"fleets/small/a.yaml": "host: here\n"}))
    assert any("is already described by" in line for line in lines), lines


def test_misspelt_file_endings_are_told(tmp_path: Path) -> None:
    lines = faults_of(write_registry(tmp_path, more={"fleets/other.yml": FLEET}))
    assert lines == ["registry/fleets/other.yml: is not read: registry files end in .yaml"]


@pytest.mark.parametrize(
    ("quirk", "expected"),
    [
        (
            "{id: q, kind: slow, statement: s, affects: {models: [traget]}}",
            'no model named "traget" in any fleet',
        ),
        ("{id: q, kind: slow, statement: s, affects: {}}", "name at least one model, architecture, family"),
        ("{id: q, kind: slow, affects: {tools: [t]}}", 'the key "statement" is missing'),
        ("{id: q, kind: slo, statement: s, affects: {tools: [t]}}", 'did you mean "slow"?'),
        (
            "{id: q, kind: slow, statement: s, affects: {tools: [t]}, since: 2026-02-01, resolved: 2026-01-01}",
            "2026-01-01 is before since (2026-02-01)",
        ),
        (
            "{id: q, kind: slow, statement: s, affects: {tools: [t]}}\n"
            "  - {id: q, kind: slow, statement: s, affects: {tools: [t]}}",
            'the id "q" is already used by quirks[0]',
        ),
    ],
)
def test_quirks_are_checked(tmp_path: Path, quirk: str, expected: str) -> None:
    lines = faults_of(write_registry(tmp_path, quirks=f"quirks:\n  - {quirk}\n"))
    assert any(expected in line for line in lines), lines


def test_the_directory_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = write_registry(tmp_path)
    monkeypatch.setenv("EPYC_REGISTRY_DIR", str(registry))
    assert registry_directory() == registry
    assert list(load_registry().fleets) == ["small"]


def test_a_directory_that_is_none_is_told(tmp_path: Path) -> None:
    (line,) = faults_of(tmp_path / "nowhere")
    assert "is not a folder" in line


def test_an_unknown_fleet_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(RegistryFault, match='no fleet named "smal"; did you mean "small"'):
        load_registry(write_registry(tmp_path)).fleet("smal")


junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=6),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["a", "file", "technique"]), st.integers(), max_size=2),
)


def paths_of(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += paths_of(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += paths_of(inner, (*path, index))
    return found


def assert_loads_or_is_told(registry: Path) -> None:
    faults = None
    try:
        load_registry(registry)
    except RegistryFault as fault:
        faults = fault.faults
    assert faults is None or (faults and all(fault.file and fault.problem for fault in faults))


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_any_mutation_loads_or_is_told(tmp_path: Path, data: st.DataObject) -> None:
    content = yaml.safe_load(FLEET)
    for _ in range(data.draw(st.integers(1, 3))):
        *parents, last = data.draw(st.sampled_from(paths_of(content)))
        where = content
        for part in parents:
            where = where[part]  # type: ignore[index]
        change = data.draw(st.sampled_from(["replace", "remove", "rename"]))
        if change == "replace" or isinstance(last, int):
            where[last] = data.draw(junk)
        elif change == "remove":
            del where[last]
        else:
            where[data.draw(st.text(max_size=5))] = where.pop(last)
        if not paths_of(content):
            break
    registry = write_registry(tmp_path, yaml.safe_dump(content, allow_unicode=True))
    assert_loads_or_is_told(registry)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_any_damage_to_the_bytes_loads_or_is_told(tmp_path: Path, data: st.DataObject) -> None:
    raw = bytearray(FLEET.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        kind = data.draw(st.sampled_from(["flip", "cut", "insert"]))
        if kind == "flip":
            raw[at] = data.draw(st.integers(0, 255))
        elif kind == "cut" and len(raw) > 10:
            del raw[at : at + data.draw(st.integers(1, 9))]
        else:
            raw[at:at] = data.draw(st.binary(max_size=5))
    registry = write_registry(tmp_path, bytes(raw), host=HOST)
    assert_loads_or_is_told(registry)
