"""The compose file keeps its promises: nothing runs as root, no secret stands in it, the database has no way out."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.settings import REPOSITORY, Settings

DOCKER = REPOSITORY / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SECRET_NAME = re.compile(r"PASSWORD|TOKEN|SECRET|ACCESS_KEY|CREDENTIAL", re.IGNORECASE)

each_service = pytest.mark.parametrize("name", sorted(SERVICES))


def runs_once(service: dict[str, Any]) -> bool:
    return bool(service["restart"] == "no")


@each_service
def test_every_lasting_service_has_a_health_check_and_is_restarted(name: str) -> None:
    service = SERVICES[name]
    if runs_once(service):
        waiting = [other for other in SERVICES.values() if name in other.get("depends_on", {})]
        assert waiting
        for other in waiting:
            assert other["depends_on"][name]["condition"] == "service_completed_successfully"
        return
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"
    for condition in service.get("depends_on", {}).values():
        assert condition["condition"] in {"service_healthy", "service_completed_successfully"}


@each_service
def test_every_service_runs_unprivileged_on_a_read_only_root_within_limits(name: str) -> None:
    service = SERVICES[name]
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert {"mem_limit", "pids_limit"} <= set(service)
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc"} & set(service)


@each_service
def test_no_secret_stands_in_the_file_and_each_one_used_is_a_mounted_file(name: str) -> None:
    service = SERVICES[name]
    for variable, value in service.get("environment", {}).items():
        if SECRET_NAME.search(variable):
            assert variable.endswith("_FILE")
            mounted = re.fullmatch(r"/run/secrets/(\w+)", value)
            assert mounted
            assert mounted[1] in service["secrets"]
        assert not re.search(r"://[^/\s]*:[^/\s]*@", str(value))
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])


@each_service
def test_images_are_pinned_and_no_service_reaches_the_engine(name: str) -> None:
    service = SERVICES[name]
    tag = service["image"].rpartition(":")[2]
    assert tag not in {"latest", ""}
    assert "docker.sock" not in str(service.get("volumes", []))


def test_secrets_are_files_that_git_never_sees() -> None:
    ignored = (DOCKER / ".gitignore").read_text(encoding="utf-8").split()
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./secrets/")
    assert "secrets/" in ignored


def test_only_the_proxy_is_published_and_it_reaches_the_ui_alone() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    proxy = set(SERVICES["proxy"]["networks"])
    reached = {name for name, service in SERVICES.items() if name != "proxy" and proxy & set(service["networks"])}
    assert reached == {"webserver"}


def test_databases_and_backups_are_on_a_network_without_a_way_out() -> None:
    for name in ("postgres", "object-store", "webserver", "daemon", "prepare"):
        assert all((COMPOSE["networks"][network] or {}).get("internal") for network in SERVICES[name]["networks"])


def test_the_webserver_and_the_daemon_get_no_credential_but_dagsters_own() -> None:
    for name in ("webserver", "daemon"):
        assert SERVICES[name]["secrets"] == ["dagster_password"]


def test_the_variables_of_the_platform_are_settings_that_exist() -> None:
    known = {f"MDP_{field.upper()}" for field in Settings.model_fields}
    read_by_entrypoint = {
        "MDP_DATABASE_SERVER",
        "MDP_WAREHOUSE_PASSWORD_FILE",
        "MDP_DAGSTER_PASSWORD_FILE",
        "MDP_SLACK_BOT_TOKEN_FILE",
    }
    used = {name for name in COMPOSE["x-platform-environment"] if name.startswith("MDP_")}
    assert used <= known | read_by_entrypoint


def test_commands_name_things_that_exist() -> None:
    command = SERVICES["code-location"]["command"]
    module = command[command.index("--module-name") + 1]
    assert (REPOSITORY / Path(*module.split("."))).with_suffix(".py").exists()
    for service in ("webserver", "daemon", "prepare"):
        for part in SERVICES[service]["command"]:
            if part.startswith("/opt/mdp/"):
                assert (REPOSITORY / part.removeprefix("/opt/mdp/")).exists()
    server = yaml.safe_load((DOCKER / "workspace.yaml").read_text(encoding="utf-8"))["load_from"][0]["grpc_server"]
    assert server["host"] in SERVICES
    assert str(server["port"]) == command[command.index("--port") + 1]


@pytest.mark.parametrize("file", ["Dockerfile", "proxy.Dockerfile"])
def test_images_end_unprivileged_with_a_health_check(file: str) -> None:
    lines = (DOCKER / file).read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1])
    assert any(line.startswith("HEALTHCHECK ") for line in lines)
    assert not any(SECRET_NAME.search(line) for line in lines if line.startswith(("ENV", "ARG")))


def test_the_image_holds_every_package_and_installs_by_hash() -> None:
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes" in text
    packages = {path.parent.name for path in REPOSITORY.glob("*/__init__.py")} - {"tests", "benchmarks"}
    copied = set(re.findall(r"^COPY (\w+) \1$", text, re.MULTILINE))
    assert packages <= copied
    allowed = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    assert {f"!{name}" for name in copied} <= set(allowed)
