"""The whole demo, run as users run it: its bill equals ours, every case leaves its trace, and a seed decides the day."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tellmetry import names
from tellmetry.demo import child
from tellmetry.demo.day import queue
from tellmetry.demo.play import Played, Scene, play
from tellmetry.emit import spool
from tellmetry.emit.spans import Finished

SEED = 7


def run(store: Path, seed: int = SEED) -> Played:
    return play(Scene(queue.showcase(seed), queue.rules(), store))


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return run(tmp_path_factory.mktemp("day"))


@pytest.fixture(scope="session")
def spans(played: Played) -> list[Finished]:
    return list(played.spans())


def counted(spans: Iterable[Finished], attribute: str, **where: object) -> Counter[object]:
    told = [span.attributes for span in spans]
    return Counter(
        one[attribute] for one in told if attribute in one and all(one.get(getattr(names, k)) == v for k, v in where.items())
    )


def test_the_bill_is_equal_to_what_was_recorded(played: Played) -> None:
    account = played.account
    assert list(account.differences()) == []
    assert account.bill.requests == account.ours.requests > 100
    assert set(account.models) == {
        "acme-translate-8b", "claude-haiku-4-5", "claude-opus-5-5", "claude-sonnet-5-5", "gpt-4o-mini", "gpt-5-mini",
        "gpt-5-nano", "omni-moderation-latest", "text-embedding-3-small",
    }  # fmt: skip
    for model in account.models:
        assert account.bill.told[model] == account.ours.told[model], model
    assert account.bill.total.usd > 0
    assert all(account.bill.told[model].usd > 0 for model in account.models[:7])
    assert played.said == []


def test_streams_without_usage_stand_apart(played: Played) -> None:
    bill, ours = played.account.bill, played.account.ours
    calls = {model: one.calls for model, one in bill.apart.items()}
    assert calls == {model: one.calls for model, one in ours.apart.items()} == {"claude-haiku-4-5": 2, "gpt-5-mini": 2}
    assert sum(one.output for one in ours.apart.values()) > 0, "an estimate, not nothing"


def test_every_job_has_its_result(played: Played) -> None:
    assert played.results == {
        "sales": 12, "partner": 3, "manual_review": 1, "rejected": 1, "failed": 1,
        "answered": 13, "refused": 1, "left": 2, "handed_over": 1,
        "awaiting_lawyer": 3, "approved": 1, "edited": 1,
    }  # fmt: skip


def test_the_report_has_something_of_everything(spans: list[Finished]) -> None:
    def told(attribute: str, **where: object) -> set[object]:
        return set(counted(spans, attribute, **where))

    assert told(names.WORKFLOW, OPERATION=names.OP_WORKFLOW) == {"lead_triage", "support_answer", "contract_review"}
    assert told(names.OWNER) == {"ops", "support", "legal"}
    assert told(names.OPERATION) >= {"chat", "embeddings", "moderation", "retrieval", "guardrail", "execute_tool"}
    assert told(names.OPERATION) >= {"invoke_workflow", "evaluation", "review", "fallback"}
    assert told(names.STREAM_ENDING) == set(names.ENDINGS)
    assert told(names.GUARDRAIL_OUTCOME, OPERATION="guardrail") == {"pass", "flag", "modify", "block"}
    assert told(names.GUARDRAIL_NAME) == {"moderation", "contact_details", "promises", "refusal"}
    assert told(names.PROMPT_VERSION, PROMPT_NAME="lead_triage") == {"2", "3"}
    assert any(str(version).startswith(names.AUTO_VERSION) for version in told(names.PROMPT_VERSION))
    assert told(names.MODEL_PROFILE) == {"cheap", "careful", "overnight"}
    assert told(names.TOOL_NAME) == {"crm_history", "read_clause"}
    assert told(names.FALLBACK_FROM) == {"cheap", "writing"}
    assert told(names.COST_SOURCE, REQUEST_MODEL="acme-translate-8b") == {names.UNPRICED}
    assert told(names.REVIEW_STATE, OPERATION="review") == {"requested", "approved", "edited"}
    assert max(counted(spans, names.REVIEW_WAIT_S)) > 3600
    assert told(names.ERROR_TYPE) >= {"BadRequestError", "InternalServerError", "cancelled"}
    finished = {reason for reasons in told(names.FINISH_REASONS) for reason in reasons}
    assert finished == {"stop", "length", "tool_calls", "end_turn", "tool_use"}
    assert told(names.RETRIEVAL_COUNT, OPERATION="retrieval") == {0, 1, 2, 3}
    assert 0 in told(names.RETRIEVAL_COUNT, OPERATION="chat"), "the call that an empty retrieval fed"
    assert "responses" in told(names.OPENAI_API_TYPE)
    assert counted(spans, names.RATE_LIMITED) == {2: 1}
    assert max(counted(spans, names.ATTEMPTS)) == 3


def test_scores_are_on_both_sides_of_their_target(spans: list[Finished]) -> None:
    scores = [span.attributes for span in spans if span.attributes[names.OPERATION] == names.OP_EVALUATION]
    for evaluation in ("clause_recall", "correct_route_rate"):
        above = {
            one[names.EVALUATION_SCORE] >= one[names.EVALUATION_TARGET]
            for one in scores
            if one[names.EVALUATION_NAME] == evaluation
        }
        assert above == {True, False}, evaluation


def test_the_plain_script_knows_nothing_of_us_and_is_recorded(played: Played) -> None:
    code = ast.parse(child.PLAIN.read_text())
    imported = {node.module for node in ast.walk(code) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(code) if isinstance(node, ast.Import) for name in node.names}
    assert imported == {"__future__", "anthropic", "openai"}
    batches = [batch for path in played.files for batch in spool.read_file(path)]
    calls = [span for told, by in batches for span in told if by[names.SERVICE_NAME] == "plain"]
    assert Counter(call.attributes[names.REQUEST_MODEL] for call in calls) == {"gpt-4o-mini": 3, "claude-haiku-4-5": 1}
    assert all(names.WORKFLOW not in call.attributes and names.COST_USD in call.attributes for call in calls)


def test_the_same_seed_gives_the_same_day_and_another_one_another(played: Played, tmp_path: Path) -> None:
    again = run(tmp_path)
    assert again.account.bill.as_json() == played.account.bill.as_json()
    assert again.account.ours.as_json() == played.account.ours.as_json()
    assert again.results == played.results
    assert queue.showcase(SEED + 1) != queue.showcase(SEED)


def test_nothing_of_the_users_reaches_the_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, provider) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_ORG_ID", "TELLMETRY_PRICES"):
        monkeypatch.setenv(name, "real")
    for name in ("https_proxy", "HTTP_PROXY", "OTEL_TRACES_SAMPLER", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        monkeypatch.setenv(name, "http://elsewhere")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=demo")
    env = child.environment(provider, tmp_path)
    assert "real" not in env.values() and "http://elsewhere" not in env.values()
    assert env["OTEL_RESOURCE_ATTRIBUTES"] == "deployment.environment.name=demo"


def test_a_program_that_fails_says_why(provider, tmp_path: Path) -> None:
    env = child.environment(provider, tmp_path)
    del env["OPENAI_API_KEY"]
    worker = child.Worker(env, lambda _done: None)
    worker.feed([{"kind": "lead"}] * 10_000)
    with pytest.raises(child.ChildError, match=r"(?s)the worker ended with exit code 1:.*OPENAI_API_KEY"):
        worker.finish()
