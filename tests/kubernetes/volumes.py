"""The volumes of a Pod: folders of this machine."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.kubernetes.kubelet import Kubelet


class Volumes:
    def __init__(self, kubelet: "Kubelet", volumes: Sequence[Any], folder: Path) -> None:
        self.folders: dict[str, Path] = {}
        self._kubelet = kubelet
        self._volumes = volumes
        self._folder = folder / "volumes"

    def mount(self, annotations: Mapping[str, str]) -> bool:
        """Return False if a claim has no disk yet."""
        for volume in self._volumes:
            folder: Path | None = self._folder / volume["name"]
            if "persistentVolumeClaim" in volume:
                claim = volume["persistentVolumeClaim"]["claimName"]
                folder = self._kubelet.claim_folder(claim)
            if folder is None:
                return False
            folder.mkdir(parents=True, exist_ok=True)
            self.folders[volume["name"]] = folder
            if "secret" in volume:
                secret = self._kubelet.store.read("secrets", volume["secret"]["secretName"])
                for key, value in secret["data"].items():
                    (folder / key).write_bytes(base64.b64decode(value))
        self.write_fields(annotations)
        return True

    def write_fields(self, annotations: Mapping[str, str]) -> None:
        """Write the annotations that the Pod has as files (Downward API)."""
        for volume in self._volumes:
            folder = self.folders.get(volume["name"])
            if folder is None or "downwardAPI" not in volume:
                continue
            for item in volume["downwardAPI"]["items"]:
                field = item["fieldRef"]["fieldPath"]
                part = folder / f".{item['path']}"
                part.write_text(annotations[field.partition("'")[2].rstrip("']")])
                part.replace(folder / item["path"])
