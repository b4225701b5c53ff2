"""What the end-to-end tests share: the program started in a folder of its own, checks counted, runs compared byte for byte."""
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy as np
except ImportError as error:                                     # pragma: no cover
    if os.environ.get("CI"):
        sys.exit(f"{error}: needed are python3-numpy python3-h5py")
    print(f"{error}: skipped")
    sys.exit(77)

SOURCE = os.path.abspath(os.environ.get("FENCHEL_SRCDIR", os.path.join(os.path.dirname(__file__), "..", "..")))
BUILD = os.path.abspath(os.environ.get("FENCHEL_BUILDDIR", SOURCE))
FENCHEL = os.path.abspath(os.environ.get("FENCHEL", os.path.join(BUILD, "fenchel")))
YAML = os.path.join(SOURCE, "tests", "e2e", "yaml")
ENVIRONMENT = dict(os.environ, FENCHEL_PLUGIN_PATH=os.environ.get("FENCHEL_PLUGIN_PATH", os.path.join(BUILD, "plugins")), LC_ALL="C")
COUNT = {"passed": 0, "failed": 0}


def need(condition, text):
    if not condition:
        raise AssertionError(text)


def check(name, what, *arguments):
    """Runs one test; what it raises is its failure."""
    try:
        what(*arguments)
        COUNT["passed"] += 1
    except Exception as error:                                   # pylint: disable=broad-except
        COUNT["failed"] += 1
        print(f"FAIL  {name}: {type(error).__name__}: {str(error)[:3000]}", flush=True)


def finish(child, seconds=120):
    """What it says until its end; TimeoutExpired is a hang. Seconds are counted while this process runs itself: a machine that sleeps or
    stands still for minutes (a virtual one that is copied) does not count."""
    for left in range(seconds, 0, -1):
        try:
            return child.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            if left == 1:
                child.kill()
                raise
    return None, None


def start(command, seconds=120, **options):
    """Runs a command to its end; stdout and stderr are texts."""
    with subprocess.Popen(command, **dict({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}, **options)) as child:
        out, err = finish(child, seconds)
        return subprocess.CompletedProcess(command, child.returncode, out, err)


def fenchel(*arguments, cwd=None, threads=1, seconds=120, before=None):
    """Runs the program to its end; stdout and stderr are texts."""
    command = [FENCHEL] + [str(a) for a in arguments]
    if threads and arguments and arguments[0] in ("run", "resume", "sweep", "check"):
        command += ["--threads", str(threads)]
    return start(command, seconds, cwd=cwd, env=ENVIRONMENT, preexec_fn=before)


def run(file, to, *arguments, code=0, **options):
    """A run that is to end with this exit code."""
    path = file if os.path.sep in str(file) else os.path.join(YAML, str(file))
    done = fenchel("run", path, "-o", to, "--quiet", *arguments, **options)
    need(done.returncode == code,
        f"{os.path.basename(path)} {' '.join(map(str, arguments))}: exit {done.returncode}, needed {code}\n{done.stdout}{done.stderr}")
    return done


def checkpoints(folder):
    """Paths of the numbered checkpoints, oldest first."""
    inside = os.path.join(folder, "checkpoints")
    return [os.path.join(inside, f) for f in sorted(os.listdir(inside)) if f.startswith("step-") and f.endswith(".h5")]


def arrays(path, group="/"):
    """name -> (type, shape, bytes) of every dataset."""
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            if h5py.check_string_dtype(item.dtype):
                found[name] = ("text", item.shape, repr(item[()]))
            else:
                found[name] = (str(item.dtype), item.shape, np.ascontiguousarray(item[()]).tobytes())
    with h5py.File(path, "r") as f:
        f[group].visititems(visit)
    return found


def logged(folder):
    """Every array of the log that must repeat: all but wall times and the group run."""
    return {name: value for name, value in arrays(os.path.join(folder, "log.h5")).items()
            if not name.startswith("run/") and name.split("/")[-1] != "wall_time"}


def same_arrays(a, b, what):
    need(set(a) == set(b), f"{what}: names differ: {sorted(set(a) ^ set(b))[:8]}")
    for name in sorted(a):
        need(a[name][:2] == b[name][:2], f"{what}: {name}: {a[name][:2]} and {b[name][:2]}")
        if a[name][2] != b[name][2]:
            raise AssertionError(f"{what}: {name} differs{first_difference(a[name], b[name])}")


def first_difference(a, b):
    if a[0] == "text":
        return f": {a[2][:200]} and {b[2][:200]}"
    x, y = np.frombuffer(a[2], a[0]), np.frombuffer(b[2], b[0])
    at = np.flatnonzero(np.frombuffer(a[2], np.uint8) != np.frombuffer(b[2], np.uint8))[0] // x.itemsize
    return f" at {at} of {x.size}: {x[at]!r} and {y[at]!r}"


def same_runs(a, b, what):
    """The same bits: log and newest checkpoint."""
    same_arrays(logged(a), logged(b), f"{what}: log")
    x, y = checkpoints(a)[-1], checkpoints(b)[-1]
    need(os.path.basename(x) == os.path.basename(y), f"{what}: newest checkpoints {os.path.basename(x)} and {os.path.basename(y)}")
    same_arrays(arrays(x), arrays(y), f"{what}: checkpoint")


def plugin(name, folder):
    """tests/plugins/NAME.c as a module in folder."""
    module = os.path.join(folder, name + ".so")
    compiler = shlex.split(os.environ.get("CC", "cc"))
    subprocess.run(compiler + ["-std=c11", "-D_GNU_SOURCE", "-fPIC", "-shared", "-I", os.path.join(SOURCE, "core", "include"),
                               os.path.join(SOURCE, "tests", "plugins", name + ".c"), "-o", module], check=True, capture_output=True)
    return module


def metrics(folder):
    """Last value of each metric, as numpy arrays."""
    with h5py.File(os.path.join(folder, "log.h5"), "r") as f:
        return {name: d[-1] for name, d in f["evaluate"].items() if d.ndim and not h5py.h5ds.is_scale(d.id) and name != "wall_time"}


def near(x, y, tolerance, what):
    """Equal to a relative and absolute tolerance."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    need(x.shape == y.shape, f"{what}: shapes {x.shape} and {y.shape}")
    worst = np.max(np.abs(x - y) / np.maximum(1, np.abs(y))) if x.size else 0
    need(worst <= tolerance, f"{what}: differ by {worst:.3g} (more than {tolerance:.3g}): {x.ravel()[:8]} and {y.ravel()[:8]}")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


SMALL = """name: small
about: The smallest run.
batch: 8
parameters: {aim: 1, rate: 0.1}
samplers: {z: {normal: {shape: [2]}}}
networks: {g: {layers: [dense: {units: 2}]}}
graph: {fake: g(z), error: mean((fake - aim)^2)}
train:
  - phase: play
    steps: 5
    players:
      - {name: g, update: g, minimize: error, optimizer: {sgd: {rate: rate}}}
evaluate: {examples: 64, metrics: {error: mean(error)}, expect: [error <= 100]}
"""


def small(temporary, name="small.yaml", **changed):
    text = SMALL
    for old, new in changed.get("change", ()):
        need(old in text, f"no {old} in the file")
        text = text.replace(old, new)
    return write(temporary, name, text)


def said(done, *words, out=False):
    text = done.stdout if out else done.stderr
    for word in words:
        need(word in text, f"does not say `{word}`: {text}")


def main(tests):
    """tests(temporary) runs them all."""
    temporary = tempfile.mkdtemp(prefix="fenchel-e2e-")
    try:
        tests(temporary)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    print(f"{COUNT['passed']} passed, {COUNT['failed']} failed")
    sys.exit(COUNT["failed"] > 0 or COUNT["passed"] == 0)
