"""Who answers a request: the champion of the model that its path names, or the version that it names."""

import asyncio
from collections.abc import Mapping

from starlette.exceptions import HTTPException

from mlops.serving.live.challenger import ChallengerFollower
from mlops.serving.live.champions import Champions
from mlops.serving.live.pinned import Pinned
from mlops.serving.scorer import Scorer

_MAX_DIGITS = 9


class Scorers:
    """Finds the scorer of a path. Only where it isn't in memory yet, a request waits for the registry."""

    def __init__(self, champions: Champions, pinned: Pinned, default_model: str) -> None:
        self.default_model = default_model
        self._champions = champions
        self._pinned = pinned

    async def find(self, path: Mapping[str, str]) -> Scorer:
        """The scorer for the parameters `model` and `version` of a path; without them the default model's champion.

        Raises ModelNotFound, VersionNotFound, ModelUnavailable or ArtifactInvalid, and HTTPException with status 404
        where the version isn't a number.
        """
        model = path.get("model", self.default_model)
        version = path.get("version")
        return await self._champion(model) if version is None else await self._version(model, version)

    def challenger(self, path: Mapping[str, str]) -> ChallengerFollower | None:
        """Who challenges the champion that a path asks for; None if it names a version."""
        if "version" in path:
            return None
        follower = self._champions.challenger(path.get("model", self.default_model))
        follower.poke()
        return follower

    async def _champion(self, model: str) -> Scorer:
        follower = self._champions.find(model)
        if follower is None:
            follower = await asyncio.to_thread(self._champions.open, model)
        scorer = follower.scorer
        if scorer is None:
            return await asyncio.to_thread(follower.demand)
        follower.poke()
        return scorer

    async def _version(self, model: str, text: str) -> Scorer:
        if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS and text[0] != "0"):
            raise HTTPException(404)
        version = int(text)
        follower = self._champions.find(model)
        champion = follower.scorer if follower else None
        if champion is not None and champion.manifest.version == version:
            return champion
        kept = self._pinned.find(model, version)
        return kept if kept is not None else await asyncio.to_thread(self._pinned.load, model, version)
