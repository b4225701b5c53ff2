#!/usr/bin/python3
"""The same bits: twice, with 1, 2 and 3 threads, killed at any moment and resumed, with the file's entries in another order; and
evaluation that does not depend on the batch size. Compared are all arrays of the log but wall times and /run, and of the newest checkpoint."""
import os
import random
import shutil
import signal
import subprocess
import time

import h5py
import numpy as np

from common import (ENVIRONMENT, FENCHEL, YAML, arrays, check, checkpoints, fenchel, finish, logged, main, metrics,
                    near, need, run, same_arrays, same_runs, write)

RUNS = ("vae", "gan", "chain", "em")
KILLS = 5                                                        # of each run


def whole(temporary, name):
    """The uninterrupted run that others are compared with."""
    folder = os.path.join(temporary, name)
    if not os.path.exists(folder):
        run(name + ".yaml", folder)
    return folder


def twice(temporary, name):
    again = os.path.join(temporary, name + "-again")
    run(name + ".yaml", again)
    same_runs(whole(temporary, name), again, "twice")
    best = [os.path.join(f, "checkpoints", "best.h5") for f in (whole(temporary, name), again)]
    if os.path.exists(best[0]):
        same_arrays(arrays(best[0]), arrays(best[1]), "best.h5")
    pictures = [os.path.join(f, "images") for f in (whole(temporary, name), again)]
    need(os.listdir(pictures[0]) and sorted(os.listdir(pictures[0])) == sorted(os.listdir(pictures[1])) or name in ("chain", "em"), "pictures")
    for picture in os.listdir(pictures[0]):
        with open(os.path.join(pictures[0], picture), "rb") as a, open(os.path.join(pictures[1], picture), "rb") as b:
            need(a.read() == b.read(), f"images/{picture} differs")


def threads(temporary, name, count):
    again = os.path.join(temporary, f"{name}-{count}")
    run(name + ".yaml", again, threads=count)
    same_runs(whole(temporary, name), again, f"{count} threads")


def start(name, folder, every):
    text = os.path.join(YAML, name + ".yaml")
    extra = [f"checkpoint.every={every}"]
    return subprocess.Popen([FENCHEL, "run", text, *extra, "-o", folder, "--quiet", "--threads", "1"], env=ENVIRONMENT, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE)


def survive(child, folder, instants):
    """Kills the run when it is `instants` old, resumes it, kills that, and lets the last one end; says how often it was killed."""
    kills = 0
    for seconds in instants:
        time.sleep(seconds)
        if child.poll() is None:
            kills += 1
        child.kill()
        child.communicate()
        if not os.path.exists(os.path.join(folder, "resolved.yaml")):
            return -1                                            # it had not begun
        child = subprocess.Popen([FENCHEL, "resume", folder, "--quiet", "--threads", "1"], env=ENVIRONMENT, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE)
    said = finish(child, 60)[1].decode()
    need(child.returncode == 0, f"resume: exit {child.returncode}: {said}")
    return kills


def killed(temporary, name, seed):
    """Killed at random instants; a checkpoint at every second round, so that some fall into its writing."""
    plain = os.path.join(temporary, f"{name}-plain")
    if not os.path.exists(plain):
        begun = time.time()
        child = start(name, plain, "2 steps")
        finish(child)
        need(child.returncode == 0, "the uninterrupted run")
        check(f"{name}: checkpoints change nothing", same_runs, whole(temporary, name), plain, "checkpoint.every")
        with open(os.path.join(temporary, f"{name}.seconds"), "w", encoding="ascii") as f:
            f.write(str(time.time() - begun))
    with open(os.path.join(temporary, f"{name}.seconds"), encoding="ascii") as f:
        length = float(f.read())
    chance = random.Random(f"{name} {seed}")
    kills = 0
    for attempt in range(20):
        folder = os.path.join(temporary, f"{name}-killed-{seed}-{attempt}")
        instants = [chance.uniform(0.02, length) for _ in range(chance.randint(1, 3))]
        kills = survive(start(name, folder, "2 steps"), folder, instants)
        if kills > 0:
            break
    need(kills > 0, "it was never killed")
    same_runs(plain, folder, f"killed at {', '.join(f'{x:.3f}' for x in instants)} of {length:.3f} s")
    shutil.rmtree(folder)


def stopped(temporary, name):
    """SIGTERM: a checkpoint, then the end by that signal; then on."""
    folder = os.path.join(temporary, f"{name}-stopped")
    child = start(name, folder, "100000 steps")
    while not os.path.exists(os.path.join(folder, "log.h5")) and child.poll() is None:
        time.sleep(0.002)
    child.send_signal(signal.SIGTERM)
    finish(child, 30)
    if child.returncode == 0:
        return                                                   # it was faster
    need(child.returncode == -signal.SIGTERM, f"ended with {child.returncode}")
    done = fenchel("resume", folder, "--quiet")
    need(done.returncode == 0, f"resume: exit {done.returncode}: {done.stderr}")
    same_runs(whole(temporary, name), folder, "SIGTERM and resume")


# ---- the batch size ----
BATCHES = """
name: batches
seed: 6
batch: BATCH
precision: double
axes: {k: 3}
samplers:
  points: {csv: {file: DATA, columns: {x: [0, 2]}}}
  digits: {idx: {images: MNIST-images-idx3-ubyte.gz, labels: MNIST-labels-idx1-ubyte.gz, scale: [0, 1], rows: [0, 250]}}
  z: {normal: {shape: [2]}}
  zk: {normal: {shape: [2], axes: [batch, k]}}
networks:
  g: {layers: [dense: {units: 8}, tanh, dropout: {rate: 0.3}, dense: {units: 2}]}
graph:
  fake: g(z)
  drawn: normal(mean=fake, sd=0.5)
  energy: sum((drawn - points.x)^2 over features)
  many: logmeanexp(-sum((g(zk) - drawn)^2 over features) over k)
evaluate:
  examples: 250
  metrics:
    mean: mean(energy)
    sum: sum(energy over batch)
    variance: var(energy over batch)
    deviation: std(fake over batch)
    evidence: logmeanexp(-energy over batch)
    total: logsumexp(-energy over batch)
    middle: median(energy over batch)
    largest: max(energy over batch)
    least: min(fake over all)
    length: norm(drawn over all)
    shares: mean(one_hot(digits.label, 10) over batch)
    picture: mean(digits.image over batch)
    many: mean(many)
    count: size(batch)
    mixed: mean(energy) / var(energy over all) + max(many over all)
    order: sum(sort(energy over batch) * rank(energy over batch) over batch) / 1000
    top: argmax(energy over batch)
    soft: max(softmax(energy over batch) over batch)
    kernel: mode_coverage(drawn, of=ring8).within
"""


def batches(temporary):
    found = []
    mnist = os.path.join(YAML, "..", "..", "..", "experiments", "data", "mnist", "t10k")
    for batch in (128, 100, 250, 7):
        text = BATCHES.replace("DATA", os.path.join(YAML, "points.csv")).replace("MNIST", mnist).replace("BATCH", str(batch))
        text = text.replace("zk: {normal: {shape: [2], axes: [batch, k]}}",
            "zk: {normal: {shape: [2]}, axes: [batch, k]}\n  ring8: {ring: {modes: 8, radius: 1, sd: 0.3}}")
        folder = os.path.join(temporary, f"batch-{batch}")
        run(write(temporary, f"batches-{batch}.yaml", text), folder)
        found.append(metrics(folder))
    need(set(found[0]) >= {"mean", "picture", "soft"}, sorted(found[0]))
    need(abs(found[0]["shares"].sum() - 1) < 1e-12 and found[0]["count"] == 250, "shares and count")
    need(np.ptp(found[0]["picture"]) > 0.1 and found[0]["variance"] > 0, "values are empty")
    for other in found[1:]:
        for name in found[0]:
            check(f"batch size: {name}", near, other[name], found[0][name], 1e-12, name)


# ---- the order of a file ----
def turned(item):
    """The same file with mappings of names in reverse order (lists have an order that means something)."""
    blocks, head = [], []
    for line in item.split("\n"):
        if line.startswith("  ") and not line.startswith("   "):
            blocks.append([line])
        elif line.startswith("   ") and blocks:
            blocks[-1].append(line)
        else:
            head.append(line)
    return "\n".join(head + [line for b in reversed(blocks) for line in b])


def reordered(temporary, name):
    with open(os.path.join(YAML, name + ".yaml"), encoding="utf-8") as f:
        text = f.read()
    sections, now = [], None
    for line in text.split("\n"):
        if line and not line.startswith((" ", "#")):
            now = [line]
            sections.append(now)
        elif now is not None:
            now.append(line)
    by_name = {s[0].split(":")[0]: "\n".join(s) for s in sections}
    for key in ("samplers", "networks", "graph"):
        by_name[key] = turned(by_name[key])
    order = [k for k in reversed(list(by_name)) if k not in ("axes",)]
    text = "\n".join(by_name[k] for k in order + [k for k in by_name if k == "axes"]) + "\n"
    text = text.replace("../../../experiments", os.path.join(YAML, "..", "..", "..", "experiments")).replace("file: points.csv",
        "file: " + os.path.join(YAML, "points.csv"))
    folder = os.path.join(temporary, name + "-reordered")
    run(write(temporary, name + "-reordered.yaml", text), folder)
    same_runs(whole(temporary, name), folder, "another order of the file")


def resolved(temporary, name):
    """RUN/resolved.yaml is a complete experiment."""
    first = whole(temporary, name)
    folder = os.path.join(temporary, name + "-resolved")
    run(os.path.join(first, "resolved.yaml"), folder)
    same_runs(first, folder, "resolved.yaml run again")
    with open(os.path.join(first, "resolved.yaml"), "rb") as a, open(os.path.join(folder, "resolved.yaml"), "rb") as b:
        need(a.read() == b.read(), "resolved.yaml of resolved.yaml differs")


def seeds_differ(temporary):
    """The comparison itself can fail: another seed gives other bits."""
    folder = os.path.join(temporary, "seed")
    run("gan.yaml", folder, "seed=9")
    a, b = logged(whole(temporary, "gan")), logged(folder)
    need(a["train/critic"] != b["train/critic"] and a["train/step"] == b["train/step"], "another seed gives the same numbers")


def once_and_round(temporary):
    """`draw: once` is one draw for ever, `draw: round` one a round, the rest one a turn."""
    with h5py.File(os.path.join(whole(temporary, "chain"), "log.h5"), "r") as f:
        need(len(set(f["train/second"][:])) == 1, "draw: once changes")
        need(len(set(f["train/first"][:])) == len(f["train/first"]), "draw: round repeats")


def tests(temporary):
    for name in RUNS:
        check(f"{name}: runs", whole, temporary, name)
        check(f"{name}: twice", twice, temporary, name)
        for count in (2, 3):
            check(f"{name}: {count} threads", threads, temporary, name, count)
        check(f"{name}: order of the file", reordered, temporary, name)
        check(f"{name}: resolved.yaml", resolved, temporary, name)
        check(f"{name}: SIGTERM", stopped, temporary, name)
        for seed in range(KILLS):
            check(f"{name}: kill {seed}", killed, temporary, name, seed)
    check("another seed", seeds_differ, temporary)
    check("draw: once, draw: round", once_and_round, temporary)
    check("batch size", batches, temporary)


if __name__ == "__main__":
    main(tests)
