"""A replayed version against the code that serves, for the same users and events."""

import numpy as np
import pytest
from obstore.store import MemoryStore

from mlops.artifact.recommender.histories import hash_user
from mlops.contract import Privacy
from mlops.errors.registry import ArtifactInvalid
from mlops.errors.training import Incomparable
from mlops.monitoring.off_line.replay import ReplayedVersion
from mlops.registry.versions import Versions
from mlops.serving.recommend.requests import RecommendationRequest
from mlops.serving.recommend.sources import HistorySources
from mlops.serving.recommender import Recommender
from tests.unit.mlops.serving.recommend.shop import EVENTS, IDS, KEY, SHOP, put_shop


@pytest.mark.parametrize("privacy", ["hash", "keep"])
def test_it_ranks_as_serving_does(privacy: Privacy) -> None:
    store = MemoryStore()
    manifest = put_shop(store, privacy=privacy)
    versions, rng = Versions(store, SHOP), np.random.default_rng(0)
    served = Recommender.load_files(versions, manifest)
    sources = HistorySources(store, None, KEY.encode())
    replayed = ReplayedVersion(versions, manifest, KEY.encode())
    compared = 0
    for number in range(200):
        user = ["ann", "bob", "eve", None][number % 4]
        items = rng.choice([*IDS, "unheard"], rng.integers(0, 6))
        events = [(str(item), str(rng.choice([*EVENTS, "gone"])), int(rng.integers(5_000)), None) for item in items]
        gathered = sources.gather(served, RecommendationRequest(user, tuple(events), 4, ()))
        recorded = user if user is None or privacy == "keep" else hash_user("customer", user, KEY.encode()).hex()
        found = replayed.rank(recorded, events, 4)
        if gathered.says_something:
            expected = served.ranking.rank(gathered.history, 4, gathered.older).items.tolist()
            compared += 1
        else:
            gone = {*gathered.history.items.tolist(), *gathered.history.disliked.tolist()}
            expected = [item for item in served.items.trending.tolist() if item not in gone][:4]
        assert found == [IDS[item] for item in expected]
    assert 100 < compared < 200


def test_users_by_their_own_ids_need_the_key() -> None:
    store = MemoryStore()
    manifest = put_shop(store, privacy="keep")
    with pytest.raises(Incomparable, match="privacy key"):
        ReplayedVersion(Versions(store, SHOP), manifest, b"another")


def test_a_damaged_version_is_named() -> None:
    store = MemoryStore()
    manifest = put_shop(store, changes={"items.json": b"[]"})
    with pytest.raises(ArtifactInvalid):
        ReplayedVersion(Versions(store, SHOP), manifest, KEY.encode())
