"""Is a breast mass malignant? From cell nuclei measured in a fine-needle aspirate.

Breast Cancer Wisconsin (Diagnostic), 569 patients: Street, Wolberg, Mangasarian, "Nuclear feature extraction for
breast tumor diagnosis", 1993. Lengths are in pixels of the digitized image, as areas are counted in pixels.
"""

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlops.contract import Column, Target
from mlops.spec import ModelSpec
from mlops.spec.search_space import Between, Candidate

# feature: unit, what it measures, the most that makes sense for any nucleus
FEATURES = {
    "radius": ("px", "distance from the centre to the outline", 200),
    "texture": ("grey levels", "standard deviation of the grey values", 128),
    "perimeter": ("px", "length of the outline", 1_500),
    "area": ("px²", "area within the outline", 100_000),
    "smoothness": (None, "local variation of the radius", 1),
    "compactness": (None, "perimeter² / area - 1, rescaled", 10),
    "concavity": (None, "depth of the outline's concave parts", 10),
    "concave points": (None, "share of the outline that is concave", 1),
    "symmetry": (None, "difference between the two sides of the long axis", 1),
    "fractal dimension": (None, "coastline approximation - 1", 1),
}
STATISTICS = {
    "mean {}": "mean over the image's nuclei",
    "{} error": "standard error over the image's nuclei",
    "worst {}": "mean of the three largest",
}

spec = ModelSpec(
    name="diagnosis",
    description="Classifies breast masses as benign or malignant by ten features of their cell nuclei.",
    uses=("A second reading of fine-needle aspirates, in addition to a pathologist's.",),
    cautions=(
        "The data are of 569 patients of one hospital before 1995; it was tested on no other population.",
        "It measures images that a person has outlined by hand; other outlines give other numbers.",
    ),
    target=Target(name="diagnosis", task="binary", labels=("benign", "malignant"), positive="malignant"),
    columns=tuple(
        Column(name=form.format(feature), unit=unit, description=f"{what}: {how}", minimum=0, maximum=maximum)
        for form, how in STATISTICS.items()
        for feature, (unit, what, maximum) in FEATURES.items()
    ),
    candidates={
        "logistic-regression": Candidate(
            make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000)),
            {"logisticregression__C": Between(0.01, 100, log=True)},
        ),
        "random-forest": Candidate(
            RandomForestClassifier(n_estimators=50),
            {"max_features": Between(2, 15), "min_samples_leaf": Between(1, 8)},
        ),
        "gradient-boosting": Candidate(
            HistGradientBoostingClassifier(max_iter=50),
            {"learning_rate": Between(0.03, 0.3, log=True), "max_leaf_nodes": Between(4, 31, log=True)},
        ),
    },
    trials=8,
    metric="roc_auc",
    # 140 held-out rows can't show a finer loss.
    margin=0.02,
    floors={"accuracy": 0.95, "recall": 0.9, "roc_auc": 0.97},
)
