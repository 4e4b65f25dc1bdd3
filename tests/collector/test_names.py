"""The Collector's YAML is written by hand, for people; this holds it to `tellmetry.names`, to the letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import yaml

from tellmetry import names
from tests.stack.tools import ROOT

CONFIG = yaml.safe_load((ROOT / "collector" / "config.yaml").read_text())
DERIVED = {
    row["name"]: row
    for connector, settings in CONFIG["connectors"].items()
    if connector.startswith("signal_to_metrics")
    for row in settings["spans"]
}
KNOWN = {value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)}
DIALECTS = CONFIG["processors"]["transform/dialects"]
OPERATION = f'span.attributes["{names.OPERATION}"]'

# The metric of which span_metrics makes only exemplars; it is the latency of calls and runs that Tempo has.
TRACED_LABELS = {names.SERVICE_NAME, names.ENVIRONMENT, *names.LATENCY.labels}


def attributes_in(text: str) -> set[str]:
    """Find the span attributes that an OTTL expression reads or writes."""
    return set(re.findall(r'attributes\["([^"]+)"\]', text))


def expressions(node: object) -> Iterator[str]:
    """Walk everything below a node and give its texts."""
    if isinstance(node, dict):
        for value in node.values():
            yield from expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from expressions(value)
    elif isinstance(node, str):
        yield node


def pattern_of(statement: str) -> re.Pattern[str]:
    """Take the regular expression out of a delete_matching_keys statement."""
    found = re.search(r'"(.*)"\)$', statement)
    assert found, statement
    return re.compile(found[1].replace("\\\\", "\\"))


def measured(metric: names.Metric) -> str:
    """Write the value of a metric as the YAML should have it."""
    if metric.value is None:
        return "1"
    if metric.value == names.DURATION:
        return "Seconds(span.end_time - span.start_time)"
    whole = metric.kind == "sum" and metric.unit not in ("s", "{USD}", "{score}")
    return f'{"Int" if whole else "Double"}(span.attributes["{metric.value}"])'


def condition(metric: names.Metric) -> list[str]:
    """Write the condition of a metric as the YAML should have it; filter/calls has chosen the model's operations."""
    parts = []
    if metric.operations != names.MODEL_OPERATIONS:
        (operation,) = metric.operations
        parts.append(f'{OPERATION} == "{operation}"')
    if metric is names.UNPRICED_CALLS:
        parts.append(f'span.attributes["{names.COST_SOURCE}"] == "{names.UNPRICED}"')
    elif metric is names.EMPTY_RETRIEVALS:
        parts.append(f'span.attributes["{names.RETRIEVAL_COUNT}"] == 0')
    elif metric.when:
        parts.append(f'span.attributes["{metric.when}"] != nil')
    return [" and ".join(parts)] if parts else []


def test_the_collector_derives_every_metric_and_no_other():
    assert sorted(DERIVED) == sorted(metric.name for metric in names.METRICS)


@pytest.mark.parametrize("metric", names.METRICS, ids=lambda metric: metric.name)
def test_a_metric_is_what_names_says(metric):
    row = DERIVED[metric.name]
    assert row["description"] == metric.says
    assert row["unit"] == metric.unit
    assert [label["key"] for label in row["attributes"]] == list(metric.labels)
    assert {label["default_value"] for label in row["attributes"]} == {names.NO_VALUE}
    assert row["include_resource_attributes"] == [
        {"key": key, "default_value": names.NO_VALUE} for key in names.RESOURCE_LABELS
    ]
    assert row.get("conditions", []) == condition(metric)
    assert row[metric.kind]["value"] == measured(metric)
    if metric.kind == "histogram":
        assert row["histogram"]["buckets"] == list(metric.buckets)
    else:
        assert row["sum"]["monotonic"] is True


@pytest.mark.parametrize("metric", names.METRICS, ids=lambda metric: metric.name)
def test_a_metric_sees_the_spans_of_its_operations(metric):
    branch = (
        "calls" if DERIVED[metric.name] in CONFIG["connectors"]["signal_to_metrics/calls"]["spans"] else "operations"
    )
    (rule,) = CONFIG["processors"][f"filter/{branch}"]["traces"]["span"]
    passed = re.fullmatch(rf"not ContainsValue\(\[(.*)\], {re.escape(OPERATION)}\)", rule)
    assert passed
    operations = re.findall(r'"(\w+)"', passed[1])
    if branch == "calls":
        assert tuple(operations) == names.MODEL_OPERATIONS == metric.operations
    else:
        assert set(metric.operations) <= set(operations)
        assert set(operations) == {one for other in names.METRICS for one in other.operations} - set(
            names.MODEL_OPERATIONS
        )


def test_every_attribute_that_steers_is_one_of_names():
    """Dialects and content rules speak of other people's attributes too; they have tests of their own below."""
    steering = {
        name: processor
        for name, processor in CONFIG["processors"].items()
        if name not in ("transform/dialects", "transform/content", "transform/expose", "transform/restore")
    }
    used = {attribute for text in expressions([steering, CONFIG["connectors"]]) for attribute in attributes_in(text)}
    assert names.COST_USD in used
    assert used - KNOWN == set()


def test_tail_sampling_keeps_by_names():
    rules = {
        policy["name"]: " ".join(expressions(policy)) for policy in CONFIG["processors"]["tail_sampling"]["policies"]
    }
    assert attributes_in(rules["expensive"]) == {names.COST_USD}
    assert attributes_in(rules["guardrail_blocks"]) == {names.GUARDRAIL_OUTCOME}
    assert f'== "{names.OUTCOMES[-1]}"' in rules["guardrail_blocks"]
    assert attributes_in(rules["fallbacks"]) == {names.FALLBACK_REASON}
    assert attributes_in(rules["reviews"]) == {names.REVIEW_STATE}


def test_dialects_are_translated_into_names():
    written = {
        found for text in expressions(DIALECTS) for found in re.findall(r'^set\(span\.attributes\["([^"]+)"\]', text)
    }
    assert {names.OPERATION, names.PROVIDER, names.REQUEST_MODEL, names.INPUT_TOKENS, names.OUTPUT_TOKENS} <= written
    assert written - KNOWN == set()
    operations = {
        found for text in expressions(DIALECTS) for found in re.findall(r'operation\.name"\], "(\w+)"\)', text)
    }
    ours = {*names.MODEL_OPERATIONS, names.OP_RETRIEVAL, names.OP_GUARDRAIL, names.OP_TOOL, names.OP_AGENT}
    assert operations
    assert operations - ours == set()
    assert any(f'"{names.UNPRICED}"' in text for text in expressions(DIALECTS))


def test_our_scope_is_told_from_others():
    scopes = {
        scope for text in expressions(CONFIG["processors"]) for scope in re.findall(r'scope\.name != "(\w+)"', text)
    }
    assert scopes == {names.SCOPE}


def test_content_is_deleted_and_nothing_else_of_ours():
    texts = [text for text in expressions(CONFIG["processors"]["transform/content"]) if text.startswith("delete")]
    patterns = [pattern_of(text) for text in texts]
    deleted = {key for key in KNOWN if any(pattern.match(key) for pattern in patterns)}
    content = {names.INPUT_MESSAGES, names.OUTPUT_MESSAGES, names.SYSTEM_INSTRUCTIONS, names.TOOL_DEFINITIONS}
    assert deleted == content


def test_dropping_by_key_spares_every_name_of_ours():
    texts = [text for text in expressions(CONFIG["processors"]["transform/expose"]) if text.startswith("delete")]
    patterns = {pattern_of(text) for text in texts}
    assert len(texts) == 2
    assert len(patterns) == 1
    (pattern,) = patterns
    assert pattern.search("http.request.header.x-api-key")
    assert [key for key in sorted(KNOWN) if pattern.search(key)] == []
    assert CONFIG["processors"]["redaction"]["ignored_keys"] == [names.OWNER]


def test_exemplars_carry_the_labels_of_latency():
    traced = CONFIG["connectors"]["span_metrics/exemplars"]
    assert {dimension["name"] for dimension in traced["dimensions"]} | {names.SERVICE_NAME} == TRACED_LABELS
    assert {dimension["default"] for dimension in traced["dimensions"]} == {names.NO_VALUE}
    assert traced["resource_metrics_key_attributes"] == list(names.RESOURCE_LABELS)
    seconds = [
        float(text[:-2]) / 1000 if text.endswith("ms") else float(text[:-1])
        for text in traced["histogram"]["explicit"]["buckets"]
    ]
    assert seconds == list(names.SECONDS)


def test_series_carry_no_process():
    exporter = CONFIG["exporters"]["prometheus"]
    assert exporter["resource_constant_labels"] == {"included": list(names.RESOURCE_LABELS)}
    assert names.SERVICE_INSTANCE not in names.RESOURCE_LABELS


def test_counting_comes_before_sampling_and_after_one_serial_stage():
    pipelines = CONFIG["service"]["pipelines"]
    into = pipelines["traces/in"]
    assert into["processors"][0] == "memory_limiter"
    assert into["processors"][-1] == "batch"
    assert {"redaction", "transform/content"} < set(into["processors"])
    for branch in ("calls", "operations"):
        assert f"forward/{branch}" in into["exporters"]
        assert not any("sampling" in processor for processor in pipelines[f"traces/{branch}"]["processors"])
    assert pipelines["metrics/llm"]["processors"][-1] == "delta_to_cumulative"
    assert pipelines["traces/sampled"]["processors"] == ["tail_sampling"]
