"""Estimators, arrays and frames as scikit-learn, scipy, numpy and pandas write them."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import scipy.sparse
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

_RNG = np.random.default_rng(5)
X = _RNG.normal(size=(30, 4))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
TEXTS = ["lottery refund today", "see you at the office", "refund for the parcel", "the class is at nine"] * 3
LABELS = [1, 0, 1, 0] * 3


def _joblib(make: Callable[[], Any], name: str = "model.joblib", **how: Any) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        joblib.dump(make(), folder / name, **how)

    return write


def _pickle(make: Callable[[], Any], protocol: int = 4, name: str = "model.pkl") -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_bytes(pickle.dumps(make(), protocol))

    return write


def _columns() -> Any:
    table = pd.DataFrame({"kind": list("abc") * 10, "value": X[:, 0]})
    first = ColumnTransformer([("kind", OneHotEncoder(), ["kind"]), ("value", StandardScaler(), ["value"])])
    return Pipeline([("columns", first), ("model", LogisticRegression())]).fit(table, Y)


def _text() -> Any:
    return make_pipeline(TfidfVectorizer(), SGDClassifier(random_state=0)).fit(TEXTS, LABELS)


def _bayes() -> Any:
    return make_pipeline(CountVectorizer(ngram_range=(1, 2)), MultinomialNB()).fit(TEXTS, LABELS)


def _frame() -> Any:
    days = pd.date_range("2026-01-01", periods=6, tz="UTC")
    return pd.DataFrame(
        {"a": range(6), "b": pd.Categorical(list("xyxyxz")), "c": ["p", None, "q", "r", "s", "t"], "d": days},
        index=pd.Index(list("uvwxyz"), name="key"),
    )


def _arrays(folder: Path) -> None:
    np.save(folder / "float32.npy", X.astype(np.float32))
    np.save(folder / "fortran.npy", np.asfortranarray(X))
    np.save(folder / "strings.npy", np.array(["a", "bc"]))
    np.save(folder / "scalar.npy", np.array(3.5))
    np.save(folder / "times.npy", np.array(["2026-01-01"], dtype="datetime64[D]"))


def _structured(folder: Path) -> None:
    np.save(
        folder / "table.npy", np.array([(1, 2.5, b"x")], dtype=[("id", "<i4"), ("v", "<f8"), ("s", "S4")])
    )


def _objects(folder: Path) -> None:
    np.save(folder / "labels.npy", np.array(["cat", "dog", None], dtype=object), allow_pickle=True)


def _npz(folder: Path) -> None:
    np.savez(folder / "weights.npz", w=X, b=Y)


def _npz_compressed(folder: Path) -> None:
    np.savez_compressed(folder / "weights.npz", w=X, b=Y)


def _sparse_npz(folder: Path) -> None:
    scipy.sparse.save_npz(folder / "features.npz", scipy.sparse.csr_matrix(np.eye(5)))


def _frame_pickle(folder: Path) -> None:
    _frame().to_pickle(folder / "frame.pkl")


def _series_gz(folder: Path) -> None:
    _frame()["d"].to_pickle(folder / "series.pkl.gz")


def _numpy_values() -> Any:
    return {
        "array": X[:3],
        "order": np.asfortranarray(X[:3]),
        "float": np.float32(1.5),
        "bool": np.bool_(True),
        "dtype": np.dtype("<f4"),
        "state": np.random.RandomState(1),
        "generator": np.random.default_rng(2),
        "masked": np.ma.masked_array([1, 2], [False, True]),
        "strings": np.array(["a", "b"]),
    }


MAKERS: dict[str, Callable[[Path], object]] = {
    "sklearn-logistic": _joblib(lambda: LogisticRegression().fit(X, Y)),
    "sklearn-ridge-pickle": _pickle(lambda: Ridge().fit(X, Y), 5),
    "sklearn-forest": _joblib(lambda: RandomForestClassifier(5, max_depth=3, random_state=0).fit(X, Y)),
    "sklearn-forest-zlib": _joblib(
        lambda: RandomForestClassifier(5, max_depth=3, random_state=0).fit(X, Y), compress=3
    ),
    "sklearn-gradient": _joblib(lambda: GradientBoostingClassifier(n_estimators=5, random_state=0).fit(X, Y)),
    "sklearn-hist": _joblib(lambda: HistGradientBoostingClassifier(max_iter=3).fit(X, Y)),
    "sklearn-tree-pickle": _pickle(lambda: DecisionTreeClassifier(max_depth=3).fit(X, Y)),
    "sklearn-scaled-svc": _joblib(
        lambda: make_pipeline(StandardScaler(), SVC()).fit(X, Y), compress=("gzip", 3)
    ),
    "sklearn-kmeans": _joblib(lambda: KMeans(2, n_init=1, random_state=0).fit(X), compress=("xz", 3)),
    "sklearn-pca": _joblib(lambda: PCA(2).fit(X), compress=("bz2", 3)),
    "sklearn-lz4": _joblib(lambda: PCA(2).fit(X), compress=("lz4", 3)),
    "sklearn-lzma": _joblib(lambda: PCA(2).fit(X), compress=("lzma", 3)),
    "sklearn-columns": _joblib(_columns),
    "sklearn-text": _joblib(_text, "pipeline.joblib"),
    "sklearn-bayes-pickle": _pickle(_bayes),
    "sklearn-mlp": _joblib(lambda: MLPClassifier((4,), max_iter=5, random_state=0).fit(X, Y)),
    "sklearn-neighbours": _joblib(lambda: KNeighborsClassifier(3).fit(X, Y)),
    "sklearn-isolation": _joblib(lambda: IsolationForest(n_estimators=5, random_state=0).fit(X), compress=3),
    "sklearn-grid": _joblib(lambda: GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2).fit(X, Y)),
    "sklearn-gaussian": _joblib(lambda: GaussianProcessRegressor(RBF() + WhiteKernel()).fit(X, Y)),
    "joblib-arrays": _joblib(
        lambda: {"weights": X, "labels": list("ab"), "empty": np.empty(0)}, "arrays.joblib"
    ),
    "numpy-arrays": _arrays,
    "numpy-structured": _structured,
    "numpy-object-strings": _objects,
    "numpy-npz": _npz,
    "numpy-npz-compressed": _npz_compressed,
    "numpy-pickle-2": _pickle(_numpy_values, 2, "values.pkl"),
    "numpy-pickle-5": _pickle(_numpy_values, 5, "values.pkl"),
    "scipy-npz": _sparse_npz,
    "scipy-pickle": _pickle(lambda: scipy.sparse.csr_matrix(np.eye(4)), 4, "matrix.pkl"),
    "pandas-frame": _frame_pickle,
    "pandas-series-gz": _series_gz,
}
