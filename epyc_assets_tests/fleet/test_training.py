"""Training: answers only, the train split only, the same run twice; a micro model ends up in llama.cpp."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from epyc_assets.fleet import train as train_module
from epyc_assets.fleet.examples import batches
from epyc_assets.fleet.heldout import word_for_word
from epyc_assets.fleet.manifest import verify_files
from epyc_assets.fleet.recipes import Recipe, Stage, recipes
from epyc_assets.fleet.tokenizer import SPECIAL_TOKENS, Tokenizer
from epyc_assets.fleet.train import UnknownRecipe, train_fleet
from epyc_assets.fleet.training import greedy_answer, train_network
from epyc_assets.suites import Task, distinct_tasks, generate
from epyc_assets_tests.fleet.conftest import micro_shape

torch = pytest.importorskip("torch")


def test_batches_hold_train_questions_and_ask_for_answers_only(tokenizer: Tokenizer) -> None:
    tested = {question.prompt for question in generate("math", count=100, seed=1, split="test", wording="demo")}
    assistant, end = tokenizer.ids[SPECIAL_TOKENS[2]], tokenizer.end_id
    stream = batches(tokenizer, {"math": 1.0, "coder:1": 1.0}, seed=1, tokens_per_batch=600)
    for batch in itertools.chain.from_iterable(itertools.islice(stream, 3)):
        assert batch.tokens.shape == batch.predicts_answer.shape
        for tokens, predicts in zip(batch.tokens.tolist(), batch.predicts_answer.tolist(), strict=True):
            start = tokens.index(assistant)
            finish = len(tokens) - 1 - tokens[::-1].index(end)
            assert tokenizer.decode(tokens[: start - 1]) not in tested
            assert [index for index, asked in enumerate(predicts) if asked] == list(range(start, finish))
            assert set(tokens[finish + 1 :]) <= {tokenizer.padding_id}


def test_batches_repeat_for_a_seed_and_differ_between_seeds(tokenizer: Tokenizer) -> None:
    first, again, other = (
        next(batches(tokenizer, {"math": 1.0}, seed=seed, tokens_per_batch=400))[0].tokens for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert first.shape != other.shape or (first != other).any()


@pytest.fixture(scope="module")
def trained(tokenizer: Tokenizer):
    """Seconds of training on lists: enough to copy a number out of one."""
    shape = micro_shape("qwen3", len(tokenizer.tokens))
    return train_network(shape, tokenizer, {"instruction_precision:1": 1.0}, seed=5, steps=220, tokens_per_batch=1000)


def test_a_micro_model_learns_and_answers_in_llama_cpp_as_in_torch(
    trained, tokenizer: Tokenizer, tmp_path: Path, load: Callable
) -> None:
    from epyc_assets.fleet.gguf_writing import write_gguf

    assert trained.final_loss < 2.0
    path = tmp_path / "trained.gguf"
    halves = {
        name: tensor.half().float() if tensor.dim() > 1 else tensor for name, tensor in trained.parameters.items()
    }
    write_gguf(path, halves, trained.shape, tokenizer, name="trained", description="test")
    model = load(path, logits_all=True)
    same = 0
    tasks = distinct_tasks("instruction_precision", count=12, seed=1, tiers=[1], wording="demo")
    for task in tasks:
        ours = greedy_answer(halves, trained.shape, tokenizer, task.prompt, max_tokens=24)
        theirs: list[int] = []
        model.reset()
        for token in model.generate(tokenizer.encode_prompt(task.prompt), temp=0.0, repeat_penalty=1.0):
            if token == tokenizer.end_id or len(theirs) == 24:
                break
            theirs.append(token)
        if ours != theirs:
            # A different token is allowed only where the two best logits are a near tie.
            place = next(
                (index for index, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]),
                min(len(ours), len(theirs)),
            )
            row = model.scores[len(tokenizer.encode_prompt(task.prompt)) + place - 1]
            best = sorted(row)[-2:]
            assert best[1] - best[0] < 0.05, (task.prompt, ours, theirs)
        else:
            same += 1
    assert same >= len(tasks) - 2


def test_training_twice_gives_the_same_model(tokenizer: Tokenizer) -> None:
    shape = micro_shape("qwen3", len(tokenizer.tokens))
    runs = [train_network(shape, tokenizer, {"math:1": 1.0}, seed=2, steps=4, tokens_per_batch=300) for _ in range(2)]
    assert runs[0].final_loss == runs[1].final_loss
    for name, tensor in runs[0].parameters.items():
        assert torch.equal(tensor, runs[1].parameters[name])


@pytest.mark.parametrize("architecture", ["qwen3moe", "mamba"])
def test_every_parameter_is_trained(architecture: str, tokenizer: Tokenizer) -> None:
    from epyc_assets.fleet.networks import initial_parameters

    shape = micro_shape(architecture, len(tokenizer.tokens))
    before = initial_parameters(shape, 1)
    after = train_network(shape, tokenizer, {"math": 1.0}, seed=1, steps=6, tokens_per_batch=600)
    for name, tensor in before.items():
        assert not torch.equal(tensor, after.parameters[name]), name


def test_word_for_word_agrees_with_decoding_token_by_token(trained, tokenizer: Tokenizer) -> None:
    tasks = distinct_tasks("instruction_precision", count=6, seed=2, tiers=[1], wording="demo")
    answers = [
        greedy_answer(trained.parameters, trained.shape, tokenizer, task.prompt, max_tokens=40) for task in tasks
    ]
    # The model's own answers make sure that both verdicts occur.
    own = [
        replace(task, worked_answer=tokenizer.decode(answer))
        for task, answer in zip(tasks, answers, strict=True)
        if tokenizer.encode(tokenizer.decode(answer)) == answer and len(answer) < 40
    ]
    wrong: list[Task] = [replace(task, worked_answer=f"{task.worked_answer}!") for task in tasks]
    verdicts = word_for_word(trained.parameters, trained.shape, tokenizer, [*own, *wrong])
    assert own
    assert verdicts == [True] * len(own) + [False] * len(wrong)


def micro_recipes(vocabulary: int) -> tuple[Recipe, ...]:
    shape = micro_shape("qwen3", vocabulary)
    moe = micro_shape("qwen3moe", vocabulary)
    return (
        Recipe("one", "first", replace(shape, layers=1), 1, (Stage({"math": 1.0}, 4), Stage({"coder": 1.0}, 2))),
        Recipe("two", "second", replace(moe, layers=1), 2, (Stage({"coder": 1.0}, 4),)),
    )


def test_train_fleet_writes_files_and_a_manifest_that_matches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, load: Callable
) -> None:
    monkeypatch.setattr(train_module, "recipes", micro_recipes)
    told: list[str] = []
    first = train_fleet(tmp_path, only=["two"], held_out_questions=3, progress=told.append)
    assert [entry.file for entry in first] == ["two.gguf"]
    kept = first[0].sha256
    entries = train_fleet(tmp_path, only=["one"], minutes_scale=0.5, held_out_questions=3)
    assert [entry.file for entry in entries] == ["one.gguf", "two.gguf"]
    assert [entry.steps for entry in entries] == [3, 4]
    assert entries[1].sha256 == kept
    assert set(entries[1].held_out_by_experts) == {str(used) for used in range(1, 9)}
    assert verify_files(tmp_path) == entries
    assert any("two: step 4/4" in line for line in told)
    assert load(tmp_path / "two.gguf").metadata["qwen3moe.expert_used_count"] == "4"
    assert not list(tmp_path.glob("*.unfinished"))


def test_unknown_models_and_scales_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownRecipe, match="demo-target"):
        train_fleet(tmp_path, only=["demo-nothing"])
    with pytest.raises(ValueError, match="minutes_scale"):
        train_fleet(tmp_path, minutes_scale=0)
    assert not list(tmp_path.iterdir())


def test_recipes_have_names_and_seeds_of_their_own() -> None:
    made = recipes(1000)
    assert len({recipe.name for recipe in made}) == len(made)
    assert len({recipe.seed_offset for recipe in made}) == len(made)
