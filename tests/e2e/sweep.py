#!/usr/bin/python3
"""Sweeps: their points, their table, what a signal leaves behind."""
import csv
import fcntl
import os
import shutil
import signal
import subprocess
import time

from common import ENVIRONMENT, FENCHEL, check, checkpoints, fenchel, main, need, run, said, same_runs, small, write


def sweeps(temporary):
    """Each point a run folder of its own; finished points are skipped, another experiment in the folder is refused."""
    text = small(temporary, "swept.yaml", change=[("evaluate:", "sweep: {over: {seed: [1, 2], parameters.rate: [0.1, 0.2]}, expect: [lowest(error) <= error]}\nevaluate:")])
    folder = os.path.join(temporary, "swept")
    done = fenchel("sweep", text, "-o", folder)
    need(done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}")
    with open(os.path.join(folder, "sweep.csv"), encoding="utf-8") as f:
        rows = [line.rstrip("\n").split(",") for line in f]
    need(rows[0][:4] == ["point", "seed", "parameters.rate", "status"] and "error" in rows[0], f"{rows[0]}")
    need([r[1:3] for r in rows[1:]] == [["1", "0.1"], ["1", "0.2"], ["2", "0.1"], ["2", "0.2"]], f"the first key is the slowest: {rows}")
    single = os.path.join(temporary, "single")
    run(text, single, "seed=2", "parameters.rate=0.1", "sweep=null")
    same_runs(single, os.path.join(folder, "points", "2"), "a point is an ordinary run")
    before = os.stat(os.path.join(folder, "points", "3", "log.h5")).st_mtime_ns
    done = fenchel("sweep", text, "-o", folder)
    need(done.returncode == 0 and done.stdout.count("finished before") == 4, f"{done.stdout}{done.stderr}")
    need(os.stat(os.path.join(folder, "points", "3", "log.h5")).st_mtime_ns == before, "a finished point was run again")
    done = fenchel("sweep", text, "batch=7", "-o", folder)
    need(done.returncode == 2, f"another experiment: exit {done.returncode}: {done.stdout}{done.stderr}")
    said(done, "another run")
    done = fenchel("sweep", text, "evaluate.expect=[error <= 0]", "-o", os.path.join(temporary, "unmet-sweep"))
    need(done.returncode == 4, f"a condition of the points: exit {done.returncode}")
    done = fenchel("sweep", small(temporary), "-o", os.path.join(temporary, "no-sweep"))
    need(done.returncode == 2, f"no sweep: exit {done.returncode}")


def sweep_tables(temporary):
    """sweep.csv: each number of a metric with axes is a column, lists and texts with commas are one cell; too many are told, not left out in silence."""
    text = write(temporary, "tables.yaml", """name: tables
batch: 4
parameters: {a: 1, h: [1, 2]}
samplers: {x: {constant: {value: [1, 2, 3]}, axes: [batch]}, u: {normal: {shape: [400]}}}
evaluate:
  examples: 8
  metrics: {m: mean(x) * a + sum(h over all), v: mean(x over batch) * a, w: "[v, v]", all: "outer(mean(x over batch), mean(u over batch))"}
sweep:
  over: {parameters.a: [1, "max(2, 1)"], parameters.h: [[1, 2], [3]]}
  expect: [sum(v over all) == 36, lowest(m) == m, max(w over all) == 6]
""")
    folder = os.path.join(temporary, "tables")
    done = fenchel("sweep", text, "-o", folder)
    need(done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}")
    said(done, "metric `all` has 1200 numbers", "not in sweep.csv", out=True)
    with open(os.path.join(folder, "sweep.csv"), newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    need([list(r)[:3] for r in rows] == [["point", "parameters.a", "parameters.h"]] * 4, f"{rows}")
    need([(r["parameters.a"], r["parameters.h"]) for r in rows] == [("1", "[1, 2]"), ("1", "[3]"), ("max(2, 1)", "[1, 2]"), ("max(2, 1)", "[3]")], f"{rows}")
    need([[float(r[f"v[{k}]"]) for k in range(3)] for r in rows] == [[1, 2, 3]] * 2 + [[2, 4, 6]] * 2, f"{rows}")
    need([float(r["w[1][2]"]) for r in rows] == [3, 3, 6, 6], f"{rows}")
    done = fenchel("sweep", text, "sweep.expect=[increasing(lowest(v))]", "-o", os.path.join(temporary, "several-numbers"))
    need(done.returncode == 2, f"lowest of a vector: exit {done.returncode}")
    said(done, "lowest(v)", "several numbers")
    done = fenchel("run", text, "extends=other.yaml", "-o", os.path.join(temporary, "extends"))
    need(done.returncode == 2, f"extends on the command line: exit {done.returncode}")
    said(done, "extends=other.yaml:1:1: extends", "write a file")


def stopped_sweep(temporary):
    """A signal to the sweep alone reaches its points: they save, and a second sweep goes on."""
    text = small(temporary, "long.yaml", change=[("steps: 5", "steps: 200000"), ("evaluate:", "sweep: {over: {seed: [1, 2]}}\nevaluate:")])
    folder = os.path.join(temporary, "long")
    p = subprocess.Popen([FENCHEL, "sweep", text, "-o", folder, "--threads", "1"], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    log = os.path.join(folder, "points", "0", "log.h5")
    for _ in range(200):
        if os.path.exists(log) or p.poll() is not None:
            break
        time.sleep(0.05)
    p.send_signal(signal.SIGTERM)
    error = p.communicate(timeout=60)[1]
    need(p.returncode == -signal.SIGTERM, f"exit {p.returncode}: {error}")
    need(checkpoints(os.path.join(folder, "points", "0")), "the point did not save")
    with open(os.path.join(folder, "points", "0", "run.lock"), "rb") as f:
        fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)            # nobody holds it any more


def tests(temporary):
    for what in (sweeps, sweep_tables, stopped_sweep):
        folder = os.path.join(temporary, what.__name__)
        os.mkdir(folder)
        check(what.__name__, what, folder)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(tests)
