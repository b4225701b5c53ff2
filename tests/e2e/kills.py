#!/usr/bin/python3
"""Runs that are killed: three probes, small versions of experiments (a VAE, WGAN-GP, an energy with persistent chains), with SIGKILL at random
instants of the run and of its resumption. After every kill the log opens in h5py and its rows are those of the uninterrupted run, every
checkpoint is whole, and the log reaches as far as the newest one; at last parameters, states, log and pictures are the same bytes, with
1, 2 or 3 threads at each start. SIGTERM and SIGINT at random instants save first; a second SIGINT ends at once, and nothing is lost.

  kills.py [RUNS [SEED]]       RUNS (2) killed runs of each probe; every instant follows from the seed (1) and the length of a whole run"""
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import h5py
import numpy as np

from common import ENVIRONMENT, FENCHEL, SOURCE, arrays, check, checkpoints, fenchel, finish, main, need, same_arrays, same_runs

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
PROBES = {
    "vae-digits": ["train.fit.epochs=null", "train.fit.steps=40", "evaluate.every=10 steps", "samplers.mnist_test.with.test_rows=[9000, 9200]",
                   "log.every=10 steps"],
    "wgan-gp-ring8": ["train.play.steps=100", "evaluate.every=25 steps", "evaluate.examples=300", "batch=64", "log.every=25 steps"],
    "energy-based": ["train.fit.steps=200", "evaluate.every=50 steps", "evaluate.examples=200", "batch=100", "parameters.moves=10",
                     "evaluate.metrics.gradient_z.{draws=2,with.moves=30}", "evaluate.metrics.gradient_z_median=null", "log.every=50 steps"],
}
MARK = b"fenchel-arrays/1"
COUNTS = {}


def count(name, what):
    COUNTS.setdefault(name, {}).setdefault(what, 0)
    COUNTS[name][what] += 1


# ---- a probe's run ----
def words_of(name):
    """`a.{b=1,c=2}` as a shell would have it."""
    for word in PROBES[name] + ["evaluate.expect=null"]:
        if "{" in word and word.index("{") < word.index("="):
            head, rest = word.split("{")
            yield from (head + part for part in rest.rstrip("}").split(","))
        else:
            yield word


def start(name, folder, every, threads):
    file = os.path.join(SOURCE, "experiments", name + ".yaml")
    return subprocess.Popen([FENCHEL, "run", file, *words_of(name), f"checkpoint.every={every}", "-o", folder, "--quiet", "--threads", str(threads)],
                            env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def resume(folder, threads):
    return subprocess.Popen([FENCHEL, "resume", folder, "--quiet", "--threads", str(threads)], env=ENVIRONMENT, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE)


def end(child, code=0):
    said = finish(child)[1].decode()
    need(child.returncode == code, f"exit {child.returncode}, needed {code}: {said}")


def whole(temporary, name):
    """The uninterrupted run on one thread, and how long it took."""
    folder = os.path.join(temporary, name)
    if not os.path.exists(folder):
        begun = time.time()
        end(start(name, folder, "100000 steps", 1))
        with open(folder + ".seconds", "w", encoding="ascii") as f:
            f.write(str(time.time() - begun))
    with open(folder + ".seconds", encoding="ascii") as f:
        return folder, float(f.read())


def threads_agree(temporary, name, threads):
    folder = os.path.join(temporary, f"{name}-{threads}")
    end(start(name, folder, "3 steps", threads))
    equal(whole(temporary, name)[0], folder, f"{threads} threads, checkpoints every 3 steps")


def equal(a, b, what):
    same_runs(a, b, what)
    pictures = [os.path.join(x, "images") for x in (a, b)]
    need(sorted(os.listdir(pictures[0])) == sorted(f for f in os.listdir(pictures[1]) if not f.endswith(".tmp")), f"{what}: pictures")
    for name in os.listdir(pictures[0]):
        with open(os.path.join(pictures[0], name), "rb") as x, open(os.path.join(pictures[1], name), "rb") as y:
            need(x.read() == y.read(), f"{what}: images/{name} differs")


# ---- what is there after a kill ----
def in_child(what, *arguments):
    """Where a log were damaged HDF5 could try for hours: a process with a limit."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        try:
            said = what(*arguments) or ""
        except Exception as error:                               # pylint: disable=broad-except
            said = f"{type(error).__name__}: {error}"
        os.write(write, said[:4000].encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as f:
        said = f.read().decode()
    status = os.waitpid(child, 0)[1]
    need(status == 0, f"reading the log ended with status {status}")
    need(not said, said)


def valid(step):
    """How many of the steps count: they increase from 0 on."""
    n = 0
    while n < len(step) and step[n] >= 0 and (n == 0 or step[n] > step[n - 1]):
        n += 1
    return n


def log_is_right(folder, reference, newest):
    """Rows that have a step are those of the whole run; the newest checkpoint's rounds are all there."""
    good = {n: x for n, x in arrays_of(os.path.join(reference, "log.h5")).items()}
    with h5py.File(os.path.join(folder, "log.h5"), "r", libver="latest", swmr=True) as f:
        for group in ("train", "evaluate", "samples", "tensors"):
            for name, d in f[group].items():
                if name == "wall_time" or h5py.h5ds.is_scale(d.id) or not d.ndim or d.maxshape[0] is not None:
                    continue
                scale = "step" if group in ("train", "evaluate") else name + "_step"
                step = f[f"{group}/{scale}"][()]
                n = valid(step)
                need(np.array_equal(step[:n], good[f"{group}/{scale}"][:n]), f"{group}/{scale}: {step[:n]}")
                a, b = d[:n], good[f"{group}/{name}"][:n]
                need(len(a) == n and a.tobytes() == b.tobytes(), f"{group}/{name} differs from the whole run's within {n} rows")
        need(valid(f["train/step"][()]) >= newest, f"the log has {valid(f['train/step'][()])} rounds, the newest checkpoint {newest}")


def arrays_of(path):
    found = {}
    with h5py.File(path, "r") as f:
        f.visititems(lambda n, x: found.update({n: x[()]}) if isinstance(x, h5py.Dataset) else None)
    return found


def look(name, folder, reference):
    """After a kill. False: there is no run to resume yet."""
    inside = os.path.join(folder, "checkpoints")
    if not os.path.exists(os.path.join(folder, "resolved.yaml")):
        need(not os.path.isdir(inside) or not os.listdir(inside), "checkpoints of no run")
        count(name, "before there was a run")
        return False
    saved = [f for f in sorted(os.listdir(inside)) if f.endswith(".h5")] if os.path.isdir(inside) else []
    for file in saved:
        with open(os.path.join(inside, file), "rb") as f:
            need(f.read()[-32:-16] == MARK, f"{file} is cut off")
        in_child(lambda path: arrays(path) and "", os.path.join(inside, file))
    if os.path.isdir(inside) and any(f.endswith(".tmp") for f in os.listdir(inside)):
        count(name, "while a checkpoint was written")
    newest = int(saved[-1][5:14]) if saved else 0
    if os.path.exists(os.path.join(folder, "log.h5")):
        in_child(log_is_right, folder, reference, newest)
        count(name, "logs read")
    else:
        need(not saved, "a checkpoint and no log")
        count(name, "before there was a log")
    return True


# ---- kills ----
def kill(name, folder, child, seconds, resumed):
    """After so many seconds; says what was done, and whether it came in time."""
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        pass
    over = child.poll() is not None
    child.kill()
    said = child.communicate()[1].decode()
    need(not over or child.returncode == 0, f"exit {child.returncode}: {said}")
    if not over:
        count(name, "kills")
        count(name, "of a resumed run" if resumed else "of a run")
    return f"{seconds:.3f}{' (over)' if over else ''}", not over


def survive(name, folder, reference, chance, every, instants):
    """A run killed at each instant, resumed after each, to its end. Says at which, and how many kills came in time."""
    child, told, kills = start(name, folder, every, chance.randint(1, 3)), [], 0
    for k, seconds in enumerate(instants):
        text, hit = kill(name, folder, child, seconds, k > 0)
        told.append(text)
        kills += hit
        there = look(name, folder, reference)
        if there and chance.random() < 0.2 and os.path.exists(os.path.join(folder, "log.h5")):
            done = fenchel("log", "repair", folder)
            need(done.returncode == 0, f"repair: {done.stderr}")
            count(name, "repaired before it went on")
        child = resume(folder, chance.randint(1, 3)) if there else start(name, folder, every, chance.randint(1, 3))
    try:
        end(child)
        equal(reference, folder, "killed")
    except AssertionError as error:
        raise AssertionError(f"killed after {', '.join(told)} s, checkpoint.every={every}: {error}") from error
    return kills


def killed(temporary, name, number):
    """Until a kill came in time: the length of a whole run is not the same each time."""
    reference, length = whole(temporary, name)
    chance = random.Random(f"{SEED} {name} {number}")
    for attempt in range(10):
        folder = os.path.join(temporary, f"{name}-killed-{number}-{attempt}")
        instants = [chance.uniform(0, length) for _ in range(chance.choice([1, 1, 1, 2, 3]))]
        kills = survive(name, folder, reference, chance, chance.choice(["1 steps", "3 steps", "10 steps"]), instants)
        shutil.rmtree(folder)
        if kills:
            return
    raise AssertionError("it was never killed")


# ---- signals that save ----
def stopped(temporary, name, number, twice):
    reference, length = whole(temporary, name)
    chance = random.Random(f"{SEED} {name} {number} {twice}")
    which = signal.SIGINT if twice else chance.choice([signal.SIGINT, signal.SIGTERM])
    folder = os.path.join(temporary, f"{name}-stopped-{number}-{twice}")
    child = start(name, folder, "100000 steps", chance.randint(1, 3))
    try:
        child.wait(timeout=chance.uniform(0, length))
    except subprocess.TimeoutExpired:
        pass
    begun = time.time()
    child.send_signal(which)
    if twice:
        time.sleep(chance.uniform(0, 0.02))
        child.send_signal(which)
    said = finish(child)[1].decode()
    need(child.returncode in ((0, 130, -which) if twice else (0, -which)), f"{which.name}: ended with {child.returncode}: {said}")
    need(not twice or time.time() - begun < 2, f"two SIGINT: it took {time.time() - begun:.1f} s")
    there = look(name, folder, reference)
    if there and not twice and os.path.exists(os.path.join(folder, "log.h5")):
        with h5py.File(os.path.join(folder, "log.h5"), "r", libver="latest", swmr=True) as f:
            rows = valid(f["train/step"][()])
        saved = checkpoints(folder)
        need(rows == (int(os.path.basename(saved[-1])[5:14]) if saved else 0), f"{which.name}: {rows} rounds in the log, saved are {saved}")
    count(name, "signals" if not twice else "double SIGINT")
    if child.returncode:
        end(resume(folder, chance.randint(1, 3)) if there else start(name, folder, "100000 steps", 1))
    equal(reference, folder, f"{which.name}{' twice' if twice else ''} and resume")
    shutil.rmtree(folder)


def compares(temporary):
    """The comparison can fail: another seed is another run, and a row that differs is seen."""
    reference = whole(temporary, "energy-based")[0]
    other = os.path.join(temporary, "other-seed")
    child = subprocess.Popen([FENCHEL, "run", os.path.join(reference, "resolved.yaml"), "seed=2", "-o", other, "--quiet"], env=ENVIRONMENT, stderr=subprocess.PIPE)
    end(child)
    for what in (lambda: same_runs(reference, other, ""), lambda: in_child(log_is_right, other, reference, 0),
                 lambda: same_arrays(arrays(checkpoints(reference)[-1]), arrays(checkpoints(other)[-1]), "")):
        try:
            what()
        except AssertionError:
            continue
        raise AssertionError("another seed counts as the same run")


def tests(temporary):
    for name in PROBES:
        check(f"{name}: whole", whole, temporary, name)
        for threads in (2, 3):
            check(f"{name}: {threads} threads", threads_agree, temporary, name, threads)
        for number in range(RUNS):
            check(f"{name}: kill {number}", killed, temporary, name, number)
        for number in range(max(1, RUNS // 3)):
            check(f"{name}: signal {number}", stopped, temporary, name, number, False)
            check(f"{name}: two signals {number}", stopped, temporary, name, number, True)
        print(f"{name}: " + ", ".join(f"{n} {what}" for what, n in sorted(COUNTS.get(name, {}).items())), flush=True)
    check("the comparison", compares, temporary)


if __name__ == "__main__":
    main(tests)
