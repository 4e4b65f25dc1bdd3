"""The report: rows from spans with hand-made numbers, tables that fit 100 columns, JSON that is exact."""

from __future__ import annotations

import json
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from told import span

from tellmetry import names, report
from tellmetry.cli import main
from tellmetry.cli.report import span_s
from tellmetry.emit.spans import Finished
from tellmetry.emit.spool import Spool
from tellmetry.report.row import Seconds
from tellmetry.settings import Settings


def call(workflow="triage", model="gpt-4o-mini", prompt=None, **told):
    """Give a call; keywords are names of `tellmetry.names`."""
    seconds = told.pop("seconds", 1.0)
    at_ns = told.pop("at_ns", time.time_ns())
    attributes = {names.OPERATION: "chat", names.PROVIDER: "openai", names.REQUEST_MODEL: model}
    if workflow:
        attributes[names.WORKFLOW] = workflow
    if prompt:
        attributes[names.PROMPT_NAME], attributes[names.PROMPT_VERSION] = prompt
    attributes |= {getattr(names, name): value for name, value in told.items()}
    return Finished("chat", "client", span().identity, at_ns, at_ns + round(seconds * 1e9), attributes, failed=False)


def other(operation, seconds=0.5, **told):
    attributes = {names.OPERATION: operation, names.WORKFLOW: "triage"} | {getattr(names, name): value for name, value in told.items()}
    at_ns = time.time_ns()
    return Finished(operation, "internal", span().identity, at_ns, at_ns + round(seconds * 1e9), attributes, failed=False)


DAY = [
    call(prompt=("lead", "1"), COST_USD=0.1, COST_SOURCE="list", INPUT_TOKENS=100, OUTPUT_TOKENS=10, CACHE_READ_TOKENS=40, seconds=1),
    call(prompt=("lead", "1"), COST_USD=0.2, COST_SOURCE="list", INPUT_TOKENS=200, ATTEMPTS=3, TIME_TO_FIRST_CHUNK=0.25, seconds=2),
    call(prompt=("lead", "1"), ERROR_TYPE="RateLimitError", ATTEMPTS=3, RATE_LIMITED=3, seconds=9),
    call(prompt=("lead", "2"), COST_USD=0.000102, COST_SOURCE="list", USAGE_ESTIMATED=True, RETRIEVAL_COUNT=0, GUARDRAIL_OUTCOME="block"),
    call(model="own-model", COST_SOURCE=names.UNPRICED, INPUT_TOKENS=5, RETRIEVAL_COUNT=4, GUARDRAIL_OUTCOME="pass"),
    call(workflow=None, COST_USD=0.0, COST_SOURCE=names.FREE),
    other(names.OP_WORKFLOW, WORKFLOW_NAME="triage", OWNER="ops", RESULT="sales", COST_USD=0.3, seconds=3),
    other(names.OP_WORKFLOW, OWNER="ops", RESULT="manual", COST_USD=0.1, FALLBACK_FROM="gpt", FALLBACK_REASON="rate_limited", seconds=5),
    other(names.OP_WORKFLOW, OWNER="ops", ERROR_TYPE="ValueError", seconds=1),
    other(names.OP_RETRIEVAL, DATA_SOURCE="crm", RETRIEVAL_COUNT=0),
    other(names.OP_RETRIEVAL, DATA_SOURCE="crm", RETRIEVAL_COUNT=7),
    other(names.OP_RETRIEVAL, DATA_SOURCE="crm", ERROR_TYPE="Timeout"),
    other(names.OP_GUARDRAIL, GUARDRAIL_NAME="pii", GUARDRAIL_TARGET="input", GUARDRAIL_OUTCOME="block", GUARDRAIL_REASON="email"),
    other(names.OP_GUARDRAIL, GUARDRAIL_NAME="pii", GUARDRAIL_TARGET="input", GUARDRAIL_OUTCOME="pass"),
    other(names.OP_TOOL, TOOL_NAME="search"),
    other(names.OP_LOST, LOST_STAGE="queueing a span", LOST_COUNT=12),
    other(names.OP_LOST, LOST_STAGE="queueing a span", LOST_COUNT=3),
]


@pytest.fixture
def store(tmp_path):
    def fill(spans):
        spool = Spool(Settings(store=tmp_path))
        for start in range(0, len(spans), 5):
            spool.write(spans[start : start + 5])
        return tmp_path

    return fill


# -- rows ----------------------------------------------------------------------------------------------------------------
def test_calls_are_told_by_workflow_model_and_prompt_version():
    rows = report.build(DAY).calls
    keys = [(row.workflow, row.model, row.prompt, row.version) for row in rows]
    assert keys == [
        ("triage", "gpt-4o-mini", "lead", "1"), ("triage", "gpt-4o-mini", "lead", "2"), ("triage", "own-model", None, None),
        (None, "gpt-4o-mini", None, None),
    ]  # fmt: skip
    first, second, third, last = rows
    assert (first.calls, first.failed, first.retries) == (3, 1, 4)
    assert first.cost_usd == math.fsum([0.1, 0.2])
    assert (first.unpriced, first.estimated) == (0, 0)
    assert {name: first.sums[name] for name in first.sums} == {"input_tokens": 300, "output_tokens": 10, "cached_tokens": 40, "rate_limited": 3}
    assert (first.latency.at(0.5), first.latency.at(0.95)) == (2.0, pytest.approx(8.3))
    assert first.first_chunk.at(0.5) == 0.25
    assert (second.estimated, second.retrieved, second.retrieved_empty, second.guardrails) == (1, 1, 1, {"block": 1})
    assert (third.cost_usd, third.unpriced, third.retrieved, third.retrieved_empty) == (None, 1, 1, 0)
    assert (last.cost_usd, last.unpriced) == (0.0, 0)


def test_the_total_is_all_calls_and_nothing_else():
    made = report.build(DAY)
    assert (made.total.calls, made.total.failed, made.total.unpriced, made.total.estimated) == (6, 1, 1, 1)
    assert made.total.cost_usd == math.fsum([0.1, 0.2, 0.000102, 0.0])
    assert made.spans == 15
    assert made.lost == {"queueing a span": 15}


def test_runs_retrievals_and_guardrails():
    made = report.build(DAY)
    (run,) = made.runs
    assert (run.workflow, run.owner, run.runs, run.failed) == ("triage", "ops", 3, 1)
    assert (run.results, run.fallbacks) == ({"sales": 1, "manual": 1}, {"rate_limited": 1})
    assert run.cost_usd == math.fsum([0.3, 0.1])
    assert run.cost_usd_per_run == pytest.approx(0.4 / 3)
    assert (run.duration.at(0.5), run.duration.at(0.95)) == (3.0, pytest.approx(4.8))
    (retrieval,) = made.retrievals
    assert (retrieval.source, retrieval.retrievals, retrieval.empty, retrieval.failed, retrieval.documents) == ("crm", 3, 1, 1, 7)
    (guardrail,) = made.guardrails
    assert (guardrail.guardrail, guardrail.target, guardrail.checks) == ("pii", "input", 2)
    assert (guardrail.outcomes, guardrail.reasons) == ({"block": 1, "pass": 1}, {"email": 1})


@given(st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=50))
def test_a_sum_does_not_depend_on_the_order_of_calls(costs):
    made = [report.build(call(COST_USD=usd) for usd in order).total.cost_usd for order in (costs, costs[::-1], sorted(costs))]
    assert made == [math.fsum(costs)] * 3


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=40), st.floats(0, 1))
def test_a_quantile_lies_where_it_should(values, share):
    times = Seconds()
    for value in values:
        times.add(value)
    found = times.at(share)
    assert min(values) <= found <= max(values)
    assert sum(value <= found for value in values) > math.floor(share * (len(values) - 1))
    assert (times.at(0), times.at(1)) == (min(values), max(values))


# -- the command -----------------------------------------------------------------------------------------------------------
def test_tables_fit_100_columns_and_say_it_all(store, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["report", "--store", str(store(DAY))]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert max(len(line) for line in out.splitlines()[:-1]) <= 100
    for words in (
        "triage", "gpt-4o-mini", "lead 1", "lead 2", "own-model", "$0.000102", "$0.30", "1 failed", "4 retried", "1 unpriced",
        "1 estimated", "40 cached", "250ms", "ops", "1 sales", "1 manual", "1 rate_limited", "$0.133", "crm", "pii", "1 block", "1 email",
        "(no workflow)", "all calls", "1 empty", "15 at queueing a span",
    ):  # fmt: skip
        assert words in out, words


def test_long_names_fold_and_lose_nothing(store, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    model, workflow = "ft:gpt-4o-mini-2024-07-18:acme-cargo-bikes:lead-triage:9xKqLmNo", "a_workflow_with_a_rather_long_name_indeed"
    spans = [call(workflow=workflow, model=model, prompt=("a-prompt-with-a-long-name", "auto:0123456789abcdef"), COST_USD=123_456.789, INPUT_TOKENS=10**12)]
    assert main(["report", "--store", str(store(spans))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines[:-1]) <= 100
    folded = "".join(line[1:40].strip() for line in lines)
    assert "$123,456.79" in " ".join(lines)
    assert workflow in folded or all(part in folded for part in ("a_workflow_with", "indeed"))
    assert "9xKqLmNo" in folded


def test_a_pipe_gets_100_columns_without_colours(store, capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    main(["report", "--store", str(store(DAY))])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert 90 <= max(len(line) for line in out.splitlines()[:-1]) <= 100


def test_json_is_exact_and_whole(store, capsys):
    assert main(["report", "--store", str(store(DAY)), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["total"]["cost_usd"] == math.fsum([0.1, 0.2, 0.000102, 0.0])
    assert told["total"]["calls"] == 6
    assert [row["prompt_version"] for row in told["calls"]] == ["1", "2", None, None]
    assert told["runs"][0]["cost_usd_per_run"] == math.fsum([0.3, 0.1]) / 3
    assert told["lost"] == {"queueing a span": 15}
    assert (told["spans"], told["torn_lines"], told["since_s"]) == (15, 0, None)
    assert {"retrievals", "guardrails", "first_ns", "last_ns", "store"} <= set(told)


def test_since_leaves_out_what_is_older(store, capsys):
    hour_ns = 3600 * 10**9
    now = time.time_ns()
    at = store([call(COST_USD=1.0, at_ns=now - 3 * hour_ns), call(COST_USD=0.5, at_ns=now - hour_ns), call(COST_USD=0.25, at_ns=now)])
    costs = []
    for since in ("30m", "2h", "7d"):
        assert main(["report", "--store", str(at), "--since", since, "--json"]) == 0
        costs.append(json.loads(capsys.readouterr().out)["total"]["cost_usd"])
    assert costs == [0.25, 0.75, 1.75]


def test_a_time_in_which_nothing_was_recorded_says_so(store, capsys):
    at = store([call(at_ns=time.time_ns() - 10**13)])
    assert main(["report", "--store", str(at), "--since", "1h"]) == 0
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert "leave out --since" in err


@pytest.mark.parametrize(("text", "value"), [("2h", 7200), ("30m", 1800), ("7d", 604_800), ("1.5h", 5400), (" 10S ", 10), ("2w", 1_209_600)])
def test_times(text, value):
    assert span_s(text) == value


@pytest.mark.parametrize("text", ["2", "h", "-2h", "two hours", "", "2y", "1e3s"])
def test_a_time_that_is_none_is_refused_with_an_example(text, capsys):
    with pytest.raises(SystemExit) as refused:
        main(["report", f"--since={text}"])
    assert refused.value.code == 2
    assert "for example 2h" in capsys.readouterr().err


def test_an_empty_store_says_what_to_do(tmp_path, capsys):
    assert main(["report", "--store", str(tmp_path / "none")]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "TELLMETRY=local" in err
    assert not (tmp_path / "none").exists()


def test_an_empty_store_is_empty_json(tmp_path, capsys):
    assert main(["report", "--store", str(tmp_path), "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (told["spans"], told["total"]["cost_usd"], told["calls"]) == (0, None, [])
    assert "no spans" in err


def test_damaged_lines_are_counted_and_the_rest_is_shown(store, capsys):
    at = store(DAY)
    path = next(at.glob("*.jsonl"))
    with path.open("a") as file:
        file.write('{"resourceSpans": [{"scope\nhello\n')
    main(["report", "--store", str(at)])
    out, err = capsys.readouterr()
    assert "2 damaged lines in 1 files were left out" in out
    assert "gpt-4o-mini" in out
    assert err == ""
    main(["report", "--store", str(at), "--json"])
    assert json.loads(capsys.readouterr().out)["torn_lines"] == 2


def test_the_default_store_is_the_settings_one(store, capsys, monkeypatch):
    monkeypatch.setenv("TELLMETRY_STORE", str(store(DAY)))
    main(["report", "--json"])
    assert json.loads(capsys.readouterr().out)["spans"] == 15


def test_a_full_store_is_read_in_one_pass_without_keeping_its_spans(store):
    """256 MiB of spans are a million Python objects: only numbers may stay."""
    import gc

    made = report.build(call(model="this test's", COST_USD=0.001, seconds=0.1) for _ in range(2000))
    gc.collect()
    assert made.total.calls == 2000
    mine = [one for one in gc.get_objects() if type(one) is Finished and one.attributes.get(names.REQUEST_MODEL) == "this test's"]
    assert mine == []
