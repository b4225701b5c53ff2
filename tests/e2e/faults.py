#!/usr/bin/python3
"""Calls that fail, each by its number: memory of our own, files of our own, the files of HDF5, a disk that is full after so many bytes, and
SIGKILL in place of a call. A small run, its resumption, and the verbs that write (export, repair, snapshot) go through all of them, once with
one failing call and once with all from there on: an error that names the file and the system's reason, or "out of memory", exit code 1 or
2, no crash, no hang; every checkpoint whole, the log readable, and the resumed run is the uninterrupted one, byte for byte. What ends
with 0 all the same has lost nothing.

  faults.py             some calls of each kind, spread evenly: a minute
  faults.py EVERY       every EVERY-th call; 1: all
  faults.py WHAT HOW N  one call of `run`, and what is said; WHAT and HOW as in fail.c"""
import errno
import multiprocessing
import os
import resource
import shlex
import shutil
import signal
import subprocess
import sys

import h5py

from common import BUILD, ENVIRONMENT, FENCHEL, SOURCE, YAML, arrays, check, checkpoints, main, need, same_arrays, same_runs
from common import start as finished

STEPS = {"memory": 397, "files": 89, "hdf5": 17, "disk": 36007, "kill files": 97, "kill hdf5": 29}  # of the short version
WORKERS, LEAST = 2, 3                                           # LEAST: calls of each kind, where there are as many
MARK = b"fenchel-arrays/1"
PROGRAM = os.path.join(BUILD, ".libs", "fenchel") if os.path.exists(os.path.join(BUILD, ".libs", "fenchel")) else FENCHEL   # not libtool's script


# ---- the program with a call that fails ----
def compile_shim(temporary):
    to = os.path.join(temporary, "fail.so")
    compiler = shlex.split(os.environ.get("CC", "cc"))
    done = subprocess.run(compiler + ["-std=gnu11", "-O1", "-fPIC", "-shared", os.path.join(SOURCE, "tests", "e2e", "fail.c"), "-o", to, "-ldl"],
                          capture_output=True, text=True, check=False)
    need(done.returncode == 0, f"fail.c: {done.stderr}")
    return to


class Outcome:
    def __init__(self, code, out, err, count):
        self.code, self.out, self.err, self.count = code, out, err, count


def start(shim, words, what="none", how="once", at=0, error=errno.EIO, seconds=60, before=None):
    """Runs to its end; count: calls of this kind, where it ended by itself. TimeoutExpired is a hang. before: run in the child."""
    told = f"{shim}.{os.getpid()}.count"
    environment = dict(ENVIRONMENT, LD_LIBRARY_PATH=os.path.join(BUILD, ".libs"), OPENBLAS_NUM_THREADS="1")
    if what != "none":
        environment.update(LD_PRELOAD=shim, FAIL_WHAT=what, FAIL_HOW=how, FAIL_AT=str(at), FAIL_ERRNO=str(error), FAIL_COUNT=told)
    done = finished([PROGRAM] + words, seconds, env=environment, preexec_fn=before)
    count = 0
    if os.path.exists(told):
        with open(told, encoding="ascii") as f:
            count = int(f.read())
        os.remove(told)
    return Outcome(done.returncode, done.stdout, done.stderr, count)


def run_words(folder):
    return ["run", os.path.join(YAML, "faults.yaml"), "-o", folder, "--quiet", "--threads", "1"]


def resume_words(folder):
    return ["resume", folder, "--quiet", "--threads", "1"]


# ---- what must hold afterwards ----
def read_log(path):
    """In a process with a limit: HDF5 can try for hours. The exit code says whether it opened."""
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            with h5py.File(path, "r", libver="latest", swmr=True) as f:
                for group in ("train", "evaluate", "samples", "tensors"):
                    for d in f[group].values():
                        d[()]                                    # pylint: disable=expression-not-assigned
            os._exit(0)
        except Exception:                                        # pylint: disable=broad-except
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def whole_files(folder):
    inside = os.path.join(folder, "checkpoints")
    for name in os.listdir(inside) if os.path.isdir(inside) else []:
        if name.endswith(".h5"):
            with open(os.path.join(inside, name), "rb") as f:
                need(f.read()[-32:-16] == MARK, f"{name} is not whole")
            arrays(os.path.join(inside, name))
    log = os.path.join(folder, "log.h5")
    need(not os.path.exists(log) or read_log(log), "the log cannot be read")


def pictures(folder):
    inside = os.path.join(folder, "images")
    found = {}
    for name in os.listdir(inside):
        if name.endswith(".png"):
            with open(os.path.join(inside, name), "rb") as f:
                found[name] = f.read()
    return found


def equal(reference, folder):
    same_runs(reference, folder, "the run")
    same_arrays(arrays(os.path.join(reference, "checkpoints", "best.h5")), arrays(os.path.join(folder, "checkpoints", "best.h5")), "best.h5")
    need(pictures(reference) == pictures(folder), "pictures differ")


def said_why(done, what, error):
    """One or more sentences, and among them the reason."""
    need(done.code in (1, 2), f"exit {done.code}: {done.err}")
    need(done.err.strip(), "nothing was said")
    need("(null)" not in done.err, done.err)
    reasons = {"memory": ("out of memory", "insufficient memory"), "disk": (os.strerror(errno.ENOSPC),)}.get(what, (os.strerror(error),))
    need(any(reason in done.err for reason in reasons), f"{reasons} is not in: {done.err}")


def goes_on(shim, reference, folder):
    there = os.path.exists(os.path.join(folder, "resolved.yaml"))
    done = start(shim, resume_words(folder) if there else run_words(folder))
    need(done.code == 0, f"{'resumed' if there else 'begun again'} without faults: exit {done.code}: {done.err}")
    equal(reference, folder)


def remove(path):
    shutil.rmtree(path, ignore_errors=True)
    if os.path.exists(path):
        os.remove(path)


# ---- scenarios: prepare(folder), words, judge(done, folder) ----
class Scenario:
    name = None

    def __init__(self, temporary, shim):
        self.temporary, self.shim = temporary, shim
        self.reference = os.path.join(temporary, "whole")
        if not os.path.exists(self.reference):
            done = start(shim, run_words(self.reference))
            need(done.code == 0, f"the uninterrupted run: {done.err}")

    def prepare(self, folder):
        """Before the calls fail."""

    def words(self, folder):
        raise NotImplementedError

    def judge(self, done, folder, what, how, error):
        whole_files(folder)
        if done.code == 0:
            equal(self.reference, folder)
        elif how != "kill":
            said_why(done, what, error)
        goes_on(self.shim, self.reference, folder)


class Run(Scenario):
    name = "run"

    def words(self, folder):
        return run_words(folder)


class Resume(Scenario):
    """Stopped with a checkpoint in its middle."""
    name = "resume"

    def prepare(self, folder):
        half = os.path.join(self.temporary, "half")
        if not os.path.exists(half):
            done = start(self.shim, run_words(half + ".new") + ["train.play.steps=3"])
            need(done.code == 0, done.err)
            for f in checkpoints(half + ".new")[1:] + [os.path.join(half + ".new", "images", n + "-000003.png") for n in ("points", "square")]:
                os.remove(f)
            shutil.copy(os.path.join(self.reference, "resolved.yaml"), os.path.join(half + ".new", "resolved.yaml"))
            os.rename(half + ".new", half)
        shutil.copytree(half, folder)

    def words(self, folder):
        return resume_words(folder)


class Verb(Scenario):
    """A verb of the log: what it was to write is there whole, or not at all; the run's own log is as it was."""
    arguments = []

    def prepare(self, folder):
        shutil.copytree(self.reference, folder)

    def words(self, folder):
        return ["log", self.name.split()[0], folder] + [a.replace("TO", folder + ".out") for a in self.arguments]

    def judge(self, done, folder, what, how, error):
        if done.code != 0 and how != "kill":
            said_why(done, what, error)
        equal(self.reference, folder)
        no_rest(folder, what, how)
        if done.code == 0:
            self.same(os.path.join(self.temporary, "counted.out"), folder + ".out")
        remove(folder + ".out")

    def same(self, wanted, out):
        for name in [""] if os.path.isfile(wanted) else ["/" + f for f in sorted(os.listdir(wanted))]:
            with open(wanted + name, "rb") as a, open(out + name, "rb") as b:
                need(a.read() == b.read(), f"{out}{name} is not what it should be")


def no_rest(folder, what, how):
    """No half files, where they could be removed."""
    left = [f for f in os.listdir(folder) if f.endswith((".tmp", ".repaired"))]
    need(not left or how != "once" or what == "memory", f"left: {left}")


class Csv(Verb):
    name, arguments = "export --csv", ["--csv", "-o", "TO"]


class Npz(Verb):
    name, arguments = "export --npz", ["--npz", "-o", "TO"]


class Snapshot(Verb):
    name, arguments = "snapshot", ["TO"]

    def same(self, wanted, out):
        same_arrays(arrays(wanted), arrays(out), "the snapshot")


class Repair(Verb):
    """Of a log that is marked as being written."""
    name = "repair"

    def prepare(self, folder):
        shutil.copytree(self.reference, folder)
        child = os.fork()
        if child == 0:
            f = h5py.File(os.path.join(folder, "log.h5"), "r+", libver="latest")
            f.swmr_mode = True
            f["run/status"][()] = 0
            f.flush()
            os._exit(0)
        os.waitpid(child, 0)

    def judge(self, done, folder, what, how, error):
        need(read_log(os.path.join(folder, "log.h5")), "the log cannot be read")
        if done.code != 0 and how != "kill":
            said_why(done, what, error)
        no_rest(folder, what, how)
        again = start(self.shim, self.words(folder))
        need(again.code == 0, f"repaired again: {again.err}")
        equal(self.reference, folder)


# ---- all calls of a scenario ----
def one(scenario, what, how, at, error):
    """What is wrong with one call; None: nothing."""
    folder = os.path.join(scenario.temporary, f"{scenario.name}-{what}-{how}-{at}-{error}".replace(" ", ""))
    name = f"{scenario.name}: call {at} of {what}, {how}, {errno.errorcode[error]}"
    try:
        scenario.prepare(folder)
        done = start(scenario.shim, scenario.words(folder), what, how, at, error)
        need(done.code >= 0 or (how == "kill" and done.code == -signal.SIGKILL), f"ended by signal {-done.code}: {done.err}")
        scenario.judge(done, folder, what, how, error)
    except Exception as failure:                                 # pylint: disable=broad-except
        return f"{name}: {type(failure).__name__}: {str(failure)[:1500]}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return None


def calls(scenario, what):
    """How many there are without faults; what a verb then writes is what it must write."""
    folder = os.path.join(scenario.temporary, "counted")
    remove(folder)
    remove(folder + ".out")
    scenario.prepare(folder)
    done = start(scenario.shim, scenario.words(folder), what)
    need(done.code == 0 and done.count > 0, f"{scenario.name}: exit {done.code}, {done.count} calls of {what}: {done.err}")
    return done.count


def campaign(scenario, what, how, every, error=errno.EIO):
    n = calls(scenario, what)
    every = min(every, max(1, n // LEAST))
    numbers = range(1 + every // 2, n + 1, every)
    with multiprocessing.Pool(WORKERS) as pool:                  # processes: a fork of a thread may hold HDF5's lock for ever
        failures = [f for f in pool.starmap(one, [(scenario, what, how, at, error) for at in numbers], 1) if f]
    print(f"{scenario.name}: {len(numbers)} of {n} {'bytes' if what == 'disk' else 'calls'} of {what}, {how}"
          f"{' ' + errno.errorcode[error] if what in ('files', 'hdf5') and how != 'kill' else ''}: {len(failures)} wrong", flush=True)
    need(not failures, f"{len(failures)} wrong:\n      " + "\n      ".join(failures[:10]))


def longest_files(scenario):
    """No file may be longer than so many bytes: the system's own word for it, and no end by SIGXFSZ."""
    for most in (0, 300, 3000, 10000, 20000, 40000):
        folder = os.path.join(scenario.temporary, f"limit-{most}")
        done = start(scenario.shim, scenario.words(folder), before=lambda n=most: resource.setrlimit(resource.RLIMIT_FSIZE, (n, n)))
        whole_files(folder)
        need(done.code in (1, 2) and os.strerror(errno.EFBIG) in done.err, f"files of at most {most} bytes: exit {done.code}: {done.err}")
        goes_on(scenario.shim, scenario.reference, folder)


def full_output(scenario):
    """What cannot be said on standard output is an error."""
    for words in (["log", "show", scenario.reference], ["plugins"], ["--help"], ["check", os.path.join(YAML, "faults.yaml")]):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = finished([PROGRAM] + words, env=dict(ENVIRONMENT, LD_LIBRARY_PATH=os.path.join(BUILD, ".libs")), stdout=full)
        need(done.returncode == 1 and "standard output: No space left on device" in done.stderr, f"{words}: exit {done.returncode}: {done.stderr}")


def tests(temporary):
    words = sys.argv[1:]
    every = int(words[0]) if len(words) == 1 else 0
    shim = compile_shim(temporary)
    scenarios = [kind(temporary, shim) for kind in (Run, Resume, Csv, Npz, Snapshot, Repair)]
    if len(words) == 3:
        done = start(shim, run_words(os.path.join(temporary, "shown")), words[0], words[1], int(words[2]))
        print(f"exit {done.code}\n{done.out}{done.err}{one(scenarios[0], words[0], words[1], int(words[2]), errno.EIO)}")
        return
    for scenario in scenarios:
        for what in ("files", "hdf5", "disk", "memory"):
            for how in ("once", "on") if what != "disk" else ("on",):
                # A disk fills by bytes. Own memory that fails ends the program: what fails after that hardly matters.
                step = every * {"disk": 500, "memory": 7 if how == "on" else 1}.get(what, 1) or STEPS[what]
                errors = (errno.EIO, errno.ENOSPC) if what in ("files", "hdf5") and every else (errno.ENOSPC if how == "on" else errno.EIO,)
                for error in errors:
                    check(f"{scenario.name}: {what} {how}", campaign, scenario, what, how, step, error)
        for what in ("files", "hdf5"):
            check(f"{scenario.name}: killed in a call of {what}", campaign, scenario, what, "kill", every or STEPS["kill " + what])
    check("the longest file", longest_files, scenarios[0])
    check("a full standard output", full_output, scenarios[0])


if __name__ == "__main__":
    main(tests)
