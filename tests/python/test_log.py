#!/usr/bin/python3
"""What others' tools read in a run's log.h5: h5py while it is being written, xarray by both engines and ncdump once it is closed.

  test_log.py          starts tests/unit/log_writer, reads while it writes, kills it at 20 instants
  test_log.py RUN..    reads the logs of these run folders (of running, killed or finished runs); FENCHEL is the program

Values of log_writer are functions of the step (tests/unit/log_writer.c), so any row can be checked. Each reading of a file that
may be broken happens in a child with a time limit: HDF5 retries for hours what it cannot read."""
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

try:
    import h5py
    import netCDF4
    import numpy as np
    import xarray as xr
except ImportError as error:                                     # pragma: no cover
    if os.environ.get("CI"):
        sys.exit(f"{error}: needed are python3-h5py python3-xarray python3-netcdf4 python3-h5netcdf")
    print(f"{error}: skipped")
    sys.exit(77)

GROUPS = ("train", "evaluate", "samples", "tensors")
HERE = os.path.dirname(os.path.abspath(__file__))
WRITER = os.path.join(os.environ.get("FENCHEL_BUILDDIR", "."), "tests", "unit", "log_writer")
FIXED = {"Conventions": "CF-1.8", "fenchel_schema": "fenchel-log/1", "NX_class": "NXroot", "default": "train"}
passed = failed = 0


def check(name, what, *arguments):
    global passed, failed
    try:
        what(*arguments)
        passed += 1
        print(f"pass  {name}")
    except Exception as error:                                   # pylint: disable=broad-except
        failed += 1
        print(f"FAIL  {name}: {type(error).__name__}: {error}")


def need(condition, text):
    if not condition:
        raise AssertionError(text)


def in_child(what, *arguments, seconds=10):
    """Runs it in a process of its own that is ended after some seconds; raises what it raised."""
    end, start = os.pipe()
    child = os.fork()
    if child == 0:
        code = 0
        try:
            signal.alarm(seconds)
            what(*arguments)
        except BaseException as error:                           # pylint: disable=broad-except
            os.write(start, f"{type(error).__name__}: {error}".encode()[:4000])
            code = 1
        os._exit(code)
    os.close(start)
    with os.fdopen(end, "rb") as text:
        said = text.read().decode()
    _, state = os.waitpid(child, 0)
    need(not os.WIFSIGNALED(state), f"ended by signal {os.WTERMSIG(state) if os.WIFSIGNALED(state) else 0} (14: too slow)")
    need(os.WEXITSTATUS(state) == 0, said)


def live(run):
    return h5py.File(os.path.join(run, "log.h5"), "r", libver="latest", swmr=True)


def text_of(attribute):
    """h5py gives texts of fixed length as bytes."""
    return attribute.decode() if isinstance(attribute, bytes) else attribute


def is_scale(dataset):
    return h5py.h5ds.is_scale(dataset.id)


def scale_of(dataset, axis):
    need(len(dataset.dims[axis]) == 1, f"{dataset.name}: axis {axis} has {len(dataset.dims[axis])} dimension scales")
    return dataset.dims[axis][0]


def check_kind(name, dataset):
    """No type that some reader drops or crashes on; every axis has a scale of its length; units and long_name."""
    kind = dataset.id.get_type().get_class()
    text = h5py.check_string_dtype(dataset.dtype)
    need(kind in (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.STRING), f"{name}: type {dataset.dtype}")
    need(text is None or (text.length is None and text.encoding == "utf-8"), f"{name}: a text of fixed length or not UTF-8")
    if is_scale(dataset):
        return
    for axis in range(dataset.ndim):
        scale = scale_of(dataset, axis)
        need(scale.shape[0] == dataset.shape[axis] or dataset.maxshape[axis] is None, f"{name}: axis {axis} is longer than {scale.name}")
    if name.split("/")[0] in GROUPS:
        need(text_of(dataset.attrs["units"]), f"{name}: no units")
    if dataset.dtype == np.uint8 and dataset.ndim > 1:
        need(dataset.chunks == (1,) + dataset.shape[1:] or dataset.nbytes > 2**20, f"{name}: chunks {dataset.chunks}")
        need(dataset.compression == "gzip" and dataset.compression_opts == 4, f"{name}: compression {dataset.compression}")


def read_structure(run):
    with live(run) as f:
        for name, value in FIXED.items():
            need(text_of(f.attrs[name]) == value, f"attribute {name}: {f.attrs[name]}")
        for group in GROUPS + ("run",):
            need(isinstance(f[group], h5py.Group), group)
        for name in ("train/step", "train/wall_time", "evaluate/step", "run/status", "run/heartbeat", "run/segment_start_step"):
            need(isinstance(f[name], h5py.Dataset), name)
        need(list(f["run/status"].attrs["flag_values"]) == [0, 1, 2, 3], "flag_values")
        need(text_of(f["run/status"].attrs["flag_meanings"]) == "running finished interrupted failed", "flag_meanings")
        f.visititems(lambda name, o: check_kind(name, o) if isinstance(o, h5py.Dataset) else None)


def read_rows(run):
    """Steps increase; each step has a time of day and all its values; a value may be missing but not shorter."""
    with live(run) as f:
        for group in GROUPS:
            for name, dataset in f[group].items():
                if is_scale(dataset) or dataset.ndim == 0:
                    continue
                step = scale_of(dataset, 0)
                step.refresh()
                steps = step[:]
                dataset.refresh()
                need((np.diff(steps) > 0).all() and (steps >= 0).all(), f"{step.name} does not increase")
                need(len(dataset) >= len(steps), f"{group}/{name}: {len(dataset)} rows, {len(steps)} steps")
        need(not np.isnan(f["train/wall_time"][: len(f["train/step"])]).any(), "train/wall_time is missing")


def right(f):
    """All rows of log_writer that have a step are right; returns their number."""
    def rows(name, scale):
        f[scale].refresh()
        steps = f[scale][:]
        f[name].refresh()
        return steps, f[name][: len(steps)]
    steps, a = rows("train/a", "train/step")
    need((steps == np.arange(1, len(steps) + 1)).all(), "train/step")
    need((a == steps / 8).all(), "train/a")
    n = len(steps)
    steps, b = rows("train/b", "train/step")
    need(np.array_equal(b, np.where(steps % 2 == 0, -steps, np.nan), equal_nan=True), "train/b")
    steps, score = rows("evaluate/score", "evaluate/step")
    need((score == np.stack([steps, 2 * steps], 1)).all() and (steps % 5 == 0).all(), "evaluate/score")
    steps, digits = rows("samples/digits", "samples/digits_step")
    need((digits == (steps % 256)[:, None, None, None, None]).all(), "samples/digits")
    steps, curve = rows("tensors/curve", "tensors/curve_step")
    need((curve == steps[:, None] + np.arange(3)).all(), "tensors/curve")
    return n


def right_at_least(run, least):
    with live(run) as f:
        n = right(f)
        need(n >= least, f"{n} rows are there, {least} were acknowledged")


def read_live(run):
    """One open file is polled while the rows come."""
    with live(run) as f:
        counts = []
        end = time.time() + 4
        while time.time() < end and len(set(counts)) < 6:
            counts.append(right(f))
            time.sleep(0.05)
        need(len(set(counts)) >= 6 and counts == sorted(counts), f"rows seen: {counts}")


def read_live_xarray(run):
    import h5netcdf
    with h5netcdf.File(os.path.join(run, "log.h5"), "r", swmr=True, libver="latest") as h:
        d = xr.open_dataset(xr.backends.H5NetCDFStore(h, group="train"))
        need(d.sizes["step"] > 0 and "a" in d and d["a"].attrs["units"] == "nats", str(d))


def read_closed(path):
    for group in GROUPS:
        with xr.open_dataset(path, group=group, engine="h5netcdf") as a, xr.open_dataset(path, group=group, engine="netcdf4") as b:
            need(a.equals(b), f"{group}: the engines of xarray differ")
            need(set(a.data_vars) == set(b.data_vars), group)
            if group in ("train", "evaluate"):
                need("step" in a.coords and a["wall_time"].dtype.kind == "M", f"{group}: {a}")
    with netCDF4.Dataset(path) as d:
        need(d.Conventions == "CF-1.8" and isinstance(str(d["run/config_yaml"][...]), str), "netCDF4: /run/config_yaml")
    said = subprocess.run(["ncdump", "-v", "step", path], capture_output=True, text=True, timeout=60, check=True).stdout
    need("step = UNLIMITED" in said and "phony_dim" not in said and "group: train" in said, "ncdump: " + said[:200])


def snapshot(run, path):
    tool = os.environ.get("FENCHEL")
    command = [tool, "log", "snapshot"] if tool and len(sys.argv) > 1 else [WRITER, "snapshot"]
    subprocess.run(command + [run, path], check=True, timeout=60, stdout=subprocess.DEVNULL)


def writer(run, first, last, delay=0):
    return subprocess.Popen([WRITER, run, str(first), str(last), str(delay)], stdout=subprocess.PIPE, text=True)


def finish(child):
    said = child.communicate(timeout=60)[0].split()
    need(child.returncode == 0, f"the writer ended with {child.returncode}")
    return int(said[-1])


def kill_once(run, seed):
    """Killed at a random instant, in declaring, writing or flushing: the log is absent or readable, every acknowledged row right;
    then it goes on from a random step."""
    random.seed(seed)
    delay = random.choice([0, 100, 1000])
    child = writer(run, 0, 10**9, delay)
    time.sleep(random.uniform(0, 0.05) if seed % 4 == 0 else random.uniform(0.02, 0.6))
    child.kill()
    said = child.communicate()[0].split("\n")[:-1]               # a last line without its end does not count
    least = int(said[-1]) if said else 0
    if not os.path.exists(os.path.join(run, "log.h5")):
        need(least == 0, "no log, though rows were acknowledged")
        return
    in_child(right_at_least, run, least)
    if least:
        first = random.randint(1, least)
        finish(writer(run, first, first + 100))
        in_child(right_at_least, run, first + 100)
        in_child(read_structure, run)


def test_folder(run, temporary):
    name = os.path.basename(os.path.abspath(run))
    check(f"{name}: structure", in_child, read_structure, run)
    check(f"{name}: rows", in_child, read_rows, run)
    copy = os.path.join(temporary, name + ".h5")
    check(f"{name}: snapshot is made", snapshot, run, copy)
    check(f"{name}: snapshot", in_child, read_closed, copy)


TABLES = {                                                       # what h5py writes, and the cells it is read as
    "double": (np.array([[0.1, -2], [np.inf, 1e-320]]), "f64"), "big": (np.array([1.5, 2.25], ">f8"), "f64"),
    "single": (np.arange(12, dtype="f4").reshape(3, 2, 2) / 7, "f32"), "half": (np.array([0.5, 65504], "f2"), "f32"),
    "bytes": (np.array([[0, 255]], "u1"), "u8"), "int8": (np.array([-128, 127], "i1"), "i64"), "uint16": (np.array([65535], "u2"), "i64"),
    "int32": (np.array([-2**31, 7], ">i4"), "i64"), "uint32": (np.array([2**32 - 1], "u4"), "i64"), "int64": (np.array([-2**63, 2**63 - 1]), "i64"),
    "group/packed": (np.arange(5000.0).reshape(50, 100), "f64"),
}


def table(path, name):
    done = subprocess.run([WRITER, "table", path, name], capture_output=True, text=True, timeout=10, check=False)
    return done.stdout if done.returncode == 0 else done.stderr


def read_table(path, name):
    values, cell = TABLES[name]
    said, numbers = table(path, name).split(":")
    need(said.split() == [cell] + [str(n) for n in values.shape], said)
    read = [float(x) if cell[0] == "f" else int(x) for x in numbers.split()]
    need(read == values.ravel().tolist(), f"{read} is not {values.ravel().tolist()}")


def refuse_tables(path):
    with h5py.File(path, "a") as f:
        f["text"] = "abc"
        f["flags"] = np.array([True, False])
        f["one"] = 1.0
        f["none"] = np.zeros((0, 3))
    for name, words in (("text", "does not hold numbers"), ("flags", "does not hold numbers"), ("one", "has 0 axes"), ("none", "0 rows"),
                        ("singel", 'did you mean "single"?')):
        said = table(path, name)
        need(words in said, f"{name}: {said}")
    os.truncate(path, os.path.getsize(path) // 2)
    need("truncated" in table(path, "single"), table(path, "single"))


DAMAGED = {"crashes": "g/packed", "claims": "x", "endless": "g/packed"}    # files that the library crashes on, that claim 10^13 bytes, or chunks without end
DAMAGES = int(os.environ.get("FENCHEL_DAMAGES", "60"))


def survive_table(path, name):
    """Whatever the file: an answer, or one sentence that names it."""
    done = subprocess.run([WRITER, "table", path, name], capture_output=True, text=True, timeout=100, check=False)
    need(done.returncode in (0, 1), f"ended with {done.returncode}: {done.stderr}")
    need(done.returncode == 0 or (done.stderr.count("\n") == 1 and path in done.stderr and not done.stdout), f"says {done.stderr}")
    return done


def damaged_file(name, dataset):
    done = survive_table(os.path.join(HERE, "damaged", name + ".h5"), dataset)
    need(done.returncode == 1, f"it was read: {done.stdout[:200]}")


def damaged_at_random(temporary):
    """Bytes of a good file changed at random: nothing brings the process down."""
    chance, good = random.Random(1), []
    for kind in ({}, {"libver": "latest"}):
        path = os.path.join(temporary, "good.h5")
        with h5py.File(path, "w", **kind) as f:
            f["x"] = np.arange(12.0).reshape(3, 4)
            f.create_dataset("g/packed", data=np.arange(40, dtype="i4").reshape(10, 4), compression="gzip", chunks=(3, 2))
        with open(path, "rb") as f:
            good.append(f.read())
    for _ in range(DAMAGES):
        data = bytearray(chance.choice(good))
        for _ in range(chance.choice([1, 2, 4, 8])):
            data[chance.randrange(len(data))] = chance.choice([0, 255, chance.randrange(256)])
        with open(os.path.join(temporary, "damaged.h5"), "wb") as f:
            f.write(data)
        for name in ("x", "g/packed"):
            survive_table(os.path.join(temporary, "damaged.h5"), name)


def test_tables(temporary):
    path = os.path.join(temporary, "tables.h5")
    with h5py.File(path, "w") as f:
        for name, (values, _) in TABLES.items():
            f.create_dataset(name, data=values, compression="gzip" if "packed" in name else None, chunks=(7, 9) if "packed" in name else None)
    for name in TABLES:
        check(f"table {name}", read_table, path, name)
    check("tables that are refused", refuse_tables, path)
    for name, dataset in DAMAGED.items():
        check(f"a damaged file: {name}", damaged_file, name, dataset)
    check("files damaged at random", damaged_at_random, temporary)


def test_writer(temporary):
    run = os.path.join(temporary, "run")
    os.mkdir(run)
    child = writer(run, 0, 10**9, 1000)
    time.sleep(0.3)
    check("read while it is written", in_child, read_live, run)
    check("xarray while it is written", in_child, read_live_xarray, run)
    test_folder(run, temporary)
    child.kill()
    child.communicate()
    test_folder(run, temporary)
    closed = os.path.join(temporary, "closed")
    os.mkdir(closed)
    check("a whole run", finish, writer(closed, 0, 300))
    test_folder(closed, temporary)
    check("the closed log itself", in_child, read_closed, os.path.join(closed, "log.h5"))
    with live(run):                                              # a reader holds the old file: going on does not mind
        check("going on while it is read", finish, writer(run, 70, 300))
    for seed in range(20):
        killed = os.path.join(temporary, f"killed-{seed}")
        os.mkdir(killed)
        check(f"kill {seed}", kill_once, killed, seed)


def main():
    with tempfile.TemporaryDirectory() as temporary:
        if len(sys.argv) > 1:
            for run in sys.argv[1:]:
                test_folder(run, temporary)
        else:
            test_writer(temporary)
            test_tables(temporary)
    print(f"{passed} passed, {failed} failed")
    return failed > 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
