"""One Grafana, spoken to by grafana-client; whatever goes wrong is one sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tellmetry.grafana.shipped import JSON, OLDEST, TAG

_MESSAGE = "Changed by tellmetry grafana push"
_MOST = 5000  # boards a search gives at once


class Refused(Exception):  # noqa: N818 - it reads as a sentence
    """Grafana did not do it; the message is one sentence for whoever asked."""


class Server:
    """A Grafana at `url`, asked with a service account's `token`. Every method raises `Refused`."""

    def __init__(self, url: str, token: str, timeout_s: float = 20.0) -> None:
        try:
            from grafana_client import GrafanaApi
            from grafana_client.client import GrafanaException
        except ImportError:
            raise Refused("grafana-client is not installed: pip install 'tellmetry[grafana]'.") from None
        if not re.match(r"https?://[^/]", url):
            raise Refused(f"{url!r} is no URL of a Grafana: give one such as https://grafana.example.com.")
        self.url = url.rstrip("/")
        self._errors = GrafanaException
        self._api = GrafanaApi.from_url(self.url, credential=token, timeout=timeout_s)

    def _ask(self, what: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Ask for something; None where there is nothing of that name."""
        try:
            return function(*args, **kwargs)
        except self._errors as error:
            if error.status_code == 404:
                return None
            raise Refused(self._sentence(what, error)) from None
        except (OSError, ValueError) as error:  # no connection; an answer that is not Grafana's
            kind = type(error).__name__
            says = f"{what} failed: no Grafana answers at {self.url} ({kind}). Check the URL."
            raise Refused(says) from None

    def _sentence(self, what: str, error: Any) -> str:
        if error.status_code == 401:
            return f"{what} failed: {self.url} does not know the token (401). Make one for a service account."
        if error.status_code == 403:
            return f"{what} failed: the token may not do that (403). Its service account needs the role Admin."
        if error.status_code == 0:
            return f"{what} failed: {self.url} did not answer in time."
        return f"{what} failed: Grafana says {error.message}"

    def check(self) -> None:
        """Make sure that this is a Grafana, that it knows the token and is not too old."""
        told = self._ask("Asking for the version", self._api.client.GET, "/frontend/settings")
        version = told.get("buildInfo", {}).get("version") if isinstance(told, dict) else None
        if not version:
            raise Refused(f"{self.url} answers, but not as a Grafana does. Check the URL, and a path in it.")
        numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
        if numbers < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            raise Refused(f"Grafana {version} at {self.url} is too old: the boards need {oldest} or newer.")

    def sources(self, kind: str) -> list[JSON]:
        """Give the data sources of one type, `prometheus` or `tempo`."""
        found = self._ask("Listing the data sources", self._api.datasource.list_datasources)
        return [source for source in found or () if source["type"] == kind]

    def has_folder(self, uid: str) -> bool:
        """Tell whether there is a folder with this uid."""
        return self._ask("Looking for the folder", self._api.folder.get_folder, uid) is not None

    def make_folder(self, uid: str, title: str) -> None:
        """Make a folder."""
        self._ask(f"Making the folder {uid}", self._api.folder.create_folder, title, uid)

    def board(self, uid: str) -> JSON | None:
        """Give a board as Grafana keeps it: `dashboard` and `meta`."""
        return self._ask(f"Reading {uid}", self._api.dashboard.get_dashboard, uid)  # type: ignore[no-any-return]

    def board_uids(self, folder: str) -> list[str]:
        """Give the uids of the boards in a folder that carry our tag."""
        search = self._api.search.search_dashboards
        found = self._ask("Listing the boards", search, tag=TAG, type_="dash-db", folder_uids=folder, limit=_MOST)
        return [board["uid"] for board in found or ()]

    def put_board(self, board: JSON, folder: str) -> None:
        """Write a board, whichever version is there."""
        written = {"dashboard": {**board, "id": None}, "folderUid": folder, "overwrite": True, "message": _MESSAGE}
        self._ask(f"Writing {board['uid']}", self._api.dashboard.update_dashboard, written)

    def delete_board(self, uid: str) -> None:
        """Delete a board."""
        self._ask(f"Deleting {uid}", self._api.dashboard.delete_dashboard, uid)

    def group(self, folder: str, name: str) -> JSON | None:
        """Give a group of alert rules."""
        get = self._api.alertingprovisioning.get_rule_group
        return self._ask(f"Reading {name}", get, folder, name)  # type: ignore[no-any-return]

    def put_group(self, group: JSON) -> None:
        """Write a group of alert rules, which stays editable in Grafana."""
        where = (group["folderUid"], group["title"])
        put = self._api.alertingprovisioning.update_rule_group
        self._ask(f"Writing {group['title']}", put, *where, group, disable_provenance=True)

    def rules(self, folder: str) -> list[JSON]:
        """Give the alert rules in a folder."""
        found = self._ask("Listing the alert rules", self._api.alertingprovisioning.get_alertrules_all)
        return [rule for rule in found or () if rule["folderUID"] == folder]

    def delete_rule(self, uid: str) -> None:
        """Delete an alert rule."""
        self._ask(f"Deleting {uid}", self._api.alertingprovisioning.delete_alertrule, uid)
