"""Which things a person may like next: from what people viewed, put in the basket, bought and disliked in a shop.

The example's shop is simulated (`scripts/mlops data example recommender`): everybody in it has a known taste.
"""

from mlops.spec import RecommenderSpec

spec = RecommenderSpec(
    name="recommender",
    description="Recommends items of a shop to a person by what the person and others like them did.",
    uses=("A list of suggestions in a shop, next to what people search for themselves.",),
    cautions=(
        "It knows no item that nobody has touched yet, and recommends what is popular to people who are new.",
        "It learns from what people were shown: what it recommends often will be clicked more often.",
    ),
    user="user",
    item="item",
    time="time",
    event="event",
    # How much each act says. What was merely shown says nothing of taste; a dislike takes an item out.
    events={"shown": None, "view": 1.0, "click": 1.0, "basket": 2.0, "purchase": 4.0, "dislike": -1.0},
    candidates={"popularity": {}, "item-knn": {}, "ease": {}, "ials": {}},
    metric="ndcg",
    k=10,
    floors={"ndcg": 0.05, "coverage": 0.1},
    # The test users of a small shop can't show a finer loss.
    margin=0.01,
)
