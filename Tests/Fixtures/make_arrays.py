"""Makes arrays as NumPy writes them, for the tests of Unroll's own reader.

    python3 -m venv .venv && .venv/bin/pip install numpy
    .venv/bin/python Tests/Fixtures/make_arrays.py

writes `arrays.json` beside this file. With the same version of NumPy (which it names) it comes out byte for byte the
same.

- `arrays` are `.npy` files: "file" is their content in base64, "shape" the shape, "values" what a reader in single
  precision must find, row-major, or for texts and whole numbers "labels". NaN and the infinite are written as texts.
- `refused` are `.npy` files of types that hold neither numbers nor texts, with a word that the message must have.
- `archives` are `.npz` files, with the names of their arrays; what the arrays hold is said in the tests.
"""

import base64
import io
import json
import platform
from pathlib import Path

import numpy as np
from numpy.lib import format as npy


def encoded(data):
    return base64.b64encode(data).decode("ascii")


def npy_file(array, version=None):
    file = io.BytesIO()
    npy.write_array(file, array, version=version)
    return encoded(file.getvalue())


def spelled(value):
    """Single precision, in digits that read back the same; what JSON has no number for is a text."""
    value = float(np.float32(value))
    return value if np.isfinite(value) else str(value)


def number_case(name, array, version=None):
    with np.errstate(over="ignore"):
        values = [spelled(value) for value in array.reshape(-1)]
    return {"name": name, "file": npy_file(array, version), "shape": list(array.shape), "values": values}


def label_case(name, array):
    labels = [value.decode("utf-8") if isinstance(value, bytes) else str(value) for value in array.reshape(-1).tolist()]
    return {"name": name, "file": npy_file(array), "shape": list(array.shape), "labels": labels}


def arrays():
    cases = []
    for order in "<>":
        for kind in ("f2", "f4", "f8"):
            limits = np.finfo(kind)
            tiny = limits.smallest_subnormal if kind == "f2" else limits.tiny
            values = [0.0, -0.0, 1.5, -2.25, 1 / 3, limits.max, limits.min, tiny, limits.tiny, np.nan, np.inf, -np.inf]
            cases.append(number_case(f"{order}{kind}", np.array(values, dtype=order + kind)))
        for kind in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"):
            limits = np.iinfo(kind)
            values = [0, 1, 2, 100, limits.max, limits.min, limits.max // 3, limits.max - 1]
            array = np.array(values, dtype=order + kind)
            cases.append(number_case(f"{order}{kind}", array))
            cases.append(label_case(f"labels {order}{kind}", array))
        texts = np.array(["cat", "", "straße", "日本", "x" * 9, "🙂"], dtype=order + "U9")
        texts[1] = "a b"
        cases.append(label_case(f"labels {order}U9", texts))
    cases.append(number_case("b1", np.array([True, False, True])))
    cases.append(label_case("labels S", np.array([b"one", b"t", "drei ß".encode()])))
    cases.append(label_case("labels one column", np.array([[3], [-1], [7]])))
    cases.append(number_case("no dimensions", np.array(2.5)))
    cube = np.arange(2 * 3 * 4, dtype="<f4").reshape(2, 3, 4)
    cases.append(number_case("C order", cube))
    cases.append(number_case("Fortran order", np.asfortranarray(cube)))
    cases.append(number_case("Fortran order, big endian", np.asfortranarray(cube.astype(">i2"))))
    cases.append(number_case("Fortran order, one row", np.asfortranarray(np.arange(5.0).reshape(1, 5))))
    cases.append(number_case("eight dimensions", np.asfortranarray(np.arange(288.0).reshape(1, 2, 3, 1, 4, 3, 2, 2))))
    cases.append(number_case("version 2.0", cube, version=(2, 0)))
    cases.append(number_case("version 3.0", cube, version=(3, 0)))
    return cases


def refused():
    objects = io.BytesIO()
    np.save(objects, np.array([{"a": 1}, [2]], dtype=object), allow_pickle=True)
    return [
        {"file": encoded(objects.getvalue()), "says": "Python objects (|O)"},
        {"file": npy_file(np.zeros(2, dtype=[("a", "<f4"), ("b", "<i2")])), "says": "records"},
        {"file": npy_file(np.zeros(2, dtype="<c8")), "says": "<c8"},
        {"file": npy_file(np.zeros(2, dtype="<M8[D]")), "says": "<M8[D]"},
        {"file": npy_file(np.zeros(2, dtype="|V3")), "says": "|V3"},
        {"file": npy_file(np.zeros(2, dtype="<f4").astype(np.longdouble)), "says": np.dtype(np.longdouble).str},
        {"file": npy_file(np.zeros((1,) * 9)), "says": "9 dimensions"},
        {"file": npy_file(np.zeros((0, 3))), "says": "0 × 3"},
        {"file": npy_file(np.array(["x" * 1025])), "says": "1025 characters"},
        {"file": npy_file(np.array(["", ""], dtype="<U1")), "says": "empty text"},
    ]


def archive(name, save, **contents):
    file = io.BytesIO()
    save(file, **contents)
    return {"name": name, "names": list(contents), "file": encoded(file.getvalue())}


def archives():
    values = np.arange(2 * 3 * 2, dtype="<f8").reshape(2, 3, 2)
    whole = {"X": values, "y": np.array(["cat", "dog"]), "lengths": np.array([3, 1])}
    images = (np.arange(4 * 28 * 28) % 256).astype("u1").reshape(4, 28, 28)
    targets = {"y_train": np.array([5, 0, 4], "u1"), "y_test": np.array([7], "u1")}
    keras = {"x_test": images[:1], "x_train": images[1:]} | targets
    return [
        archive("stored", np.savez, **whole),
        archive("deflated", np.savez_compressed, **whole),
        archive("keras", np.savez_compressed, **keras),
    ]


def main():
    fixture = {
        "made_by": {"python": platform.python_version(), "numpy": np.__version__},
        "arrays": arrays(),
        "refused": refused(),
        "archives": archives(),
    }
    path = Path(__file__).resolve().parent / "arrays.json"
    rows = ",\n ".join(
        f'"{key}": '
        + (
            json.dumps(value, allow_nan=False)
            if isinstance(value, dict)
            else "[\n  "
            + ",\n  ".join(json.dumps(case, allow_nan=False, separators=(",", ":")) for case in value)
            + "\n ]"
        )
        for key, value in fixture.items()
    )
    path.write_text("{\n " + rows + "\n}\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
