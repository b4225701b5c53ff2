#!/usr/bin/python3
"""`fenchel log show`, `export`, `repair` on a log that is closed, on one that is being written, on one whose run was killed, and on what is no
log. What is exported is compared with what h5py reads, number for number; a repaired log with what was readable before."""
import csv
import math
import os
import shutil
import signal
import subprocess
import time

import h5py
import numpy as np

from common import ENVIRONMENT, FENCHEL, check, fenchel, main, need, run, write

GROUPS = ("train", "evaluate", "samples", "tensors")
LONG = """
name: long
batch: 1024
axes: {t: {from: 0, to: 2, size: 5}}
samplers: {x: {ring: {modes: 8, radius: 1, sd: 0.1}}, z: {normal: {shape: [2]}}}
networks: {g: {layers: [dense: {units: 128}, relu, dense: {units: 2}]}}
graph: {fake: g(z), error: mean((fake - x)^2)}
train:
  - phase: play
    steps: 2000000
    players:
      - {name: g, update: g, minimize: error, optimizer: {sgd: {rate: 0.001}}, log: {size: mean(fake^2)}}
      - {name: rare, update: g, repeat: step % 10 == 3, minimize: error, optimizer: {sgd: {rate: 0.001}}}
evaluate: {every: 20 steps, examples: 1100, metrics: {error: mean(error), line: mean(fake) * t}}
log: {every: 100 steps, tensors: {points: fake}, images: {square: {value: "reshape(unnamed(t * t, t), [5, 1, 1])", range: [0, 4]}}}
"""


def folder_of(temporary, name):
    folder = os.path.join(temporary, name)
    if not os.path.exists(folder):
        run("vae.yaml", folder)
    return folder


def as_read(folder):
    """name -> array of every dataset, as h5py reads it, also from a log that is not closed."""
    found = {}
    with h5py.File(os.path.join(folder, "log.h5"), "r", libver="latest", swmr=True) as f:
        f.visititems(lambda name, x: found.update({name: x.asstr()[()] if h5py.check_string_dtype(x.dtype) else x[()]})
                     if isinstance(x, h5py.Dataset) else None)
    return found


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and np.ascontiguousarray(a).tobytes() == np.ascontiguousarray(b).tobytes()


# ---- export ----
def npz(temporary):
    folder, to = folder_of(temporary, "vae"), os.path.join(temporary, "vae.npz")
    done = fenchel("log", "export", folder, "--npz", "-o", to)
    need(done.returncode == 0 and done.stdout.startswith(to + ": ") and not done.stderr, f"{done.stdout}{done.stderr}")
    there = as_read(folder)
    with np.load(to) as z:
        need(sorted(z.files) == sorted(there), f"names: {sorted(set(z.files) ^ set(there))}")
        for name, value in there.items():
            if isinstance(value, str):
                need(str(z[name]) == value, name)
            else:
                need(same(np.asarray(value), z[name]), f"{name}: {value} and {z[name]}")
        need(z["samples/digits"].dtype == np.uint8 and z["samples/digits"].std() > 10, "pictures")
    need(subprocess.run(["python3", "-m", "zipfile", "-t", to], capture_output=True, check=False).returncode == 0, "the archive")
    again = os.path.join(temporary, "again.npz")
    fenchel("log", "export", folder, "--npz", "-o", again)
    with open(to, "rb") as a, open(again, "rb") as b:
        need(a.read() == b.read(), "equal content gives other bytes")


def table(folder, name):
    with open(os.path.join(folder, name + ".csv"), newline="", encoding="utf-8") as f:
        return list(csv.reader(f))


def number(cell):
    return float(cell) if cell else math.nan


def csv_tables(temporary):
    folder, to = folder_of(temporary, "vae"), os.path.join(temporary, "vae-csv")
    done = fenchel("log", "export", folder, "--csv", "-o", to)
    need(done.returncode == 0 and not done.stderr, done.stderr)
    need("pictures digits stay out" in done.stdout, done.stdout)
    there = as_read(folder)
    for group in ("train", "evaluate"):
        head, *rows = table(to, group)
        wanted = [n.split("/")[1] for n, x in there.items() if n.startswith(group + "/") and np.ndim(x) == 1 and len(x) == len(there[group + "/step"])]
        need(set(wanted) == set(head) and head[0] == "step" and len(rows) == len(there[group + "/step"]) > 0, f"{group}: {head}, {len(rows)}")
        for k, name in enumerate(head):
            column = np.array([number(row[k]) for row in rows])
            need(np.array_equal(column, there[f"{group}/{name}"].astype(float), equal_nan=True), f"{group}/{name}: {column}")
    for name, axes in (("evaluate-shares", ["shares_0"]), ("tensors-codes", ["batch", "codes_0"]), ("tensors-line", ["t"])):
        group, series = name.split("-")
        head, *rows = table(to, name)
        value = there[f"{group}/{series}"]
        step = there[f"{group}/step" if group == "evaluate" else f"{group}/{series}_step"]
        need(head == ["step"] + axes + [series] and len(rows) == value.size, f"{name}: {head}, {len(rows)} of {value.size}")
        got = np.array([[number(c) for c in row] for row in rows])
        grid = np.meshgrid(step, *[there[f"{group}/{a}"] for a in axes], indexing="ij")
        for k, x in enumerate(grid + [value]):
            need(np.array_equal(got[:, k].astype(value.dtype if k == len(grid) else float), np.ravel(x), equal_nan=True), f"{name}, column {k}")
    need(["evaluate", "elbo", "nats/image", "negative evidence lower bound"] in table(to, "series"), "series.csv")
    need(sorted(os.listdir(to)) == sorted(f + ".csv" for f in ("train", "evaluate", "evaluate-shares", "tensors-codes", "tensors-line", "series")),
         f"files {sorted(os.listdir(to))}")


# ---- a run that is going on, and was killed ----
def prefix(part, whole, name):
    need(len(part) <= len(whole) and same(part, whole[:len(part)]), f"{name}: what was exported from the running log is not what it became")


def live(temporary):
    folder, to = os.path.join(temporary, "live"), os.path.join(temporary, "live.npz")
    child = subprocess.Popen([FENCHEL, "run", write(temporary, "long.yaml", LONG), "-o", folder, "--quiet", "--threads", "1"], env=ENVIRONMENT,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        end = time.time() + 30
        while time.time() < end and "train, steps 1 to" not in fenchel("log", "show", folder).stdout:
            time.sleep(0.05)
        for k in range(3):
            done = fenchel("log", "export", folder, "--npz", "-o", f"{to}-{k}")
            need(done.returncode == 0, done.stderr)
            done = fenchel("log", "export", folder, "--csv", "-o", f"{to}-csv-{k}")
            need(done.returncode == 0, done.stderr)
            time.sleep(0.3)
        done = fenchel("log", "show", folder)
        need(done.returncode == 0 and "running, last written" in done.stdout and "points" in done.stdout, f"{done.stdout}{done.stderr}")
        before = os.stat(os.path.join(folder, "log.h5")).st_ino
        done = fenchel("log", "repair", folder)
        need(done.returncode == 0 and "nothing was changed" in done.stdout and "going on" in done.stdout, f"repair: {done.stdout}{done.stderr}")
        need(os.stat(os.path.join(folder, "log.h5")).st_ino == before, "repair replaced the log of a running run")
        need(child.poll() is None, "the run is over already: nothing was tested")
    finally:
        child.kill()
        child.communicate()
    final, rows = as_read(folder), []
    for k in range(3):
        with np.load(f"{to}-{k}") as z:
            for group in GROUPS:
                for name in [n for n in z.files if n.startswith(group + "/") and n in final and np.ndim(final[n]) and len(z[n]) != 0]:
                    prefix(z[name], final[name], name)
            rows.append(len(z["train/step"]))
            need(all(len(z["train/" + n]) == rows[-1] for n in ("g", "size", "rare", "wall_time")), "columns of train differ in length")
        head, *lines = table(f"{to}-csv-{k}", "train")
        need([int(line[0]) for line in lines] == list(range(1, len(lines) + 1)) and all(len(line) == len(head) for line in lines), "csv of a running log")
    need(rows[0] > 0 and rows[-1] > rows[0], f"the exports did not grow: {rows}")
    killed(temporary, folder, final)


def killed(temporary, folder, final):
    """`folder` is that of a killed run, `final` what h5py reads there."""
    try:
        h5py.File(os.path.join(folder, "log.h5"), "r").close()
        raise AssertionError("the log is closed: nothing was tested")
    except OSError:
        pass
    for verb in (["show"], ["export", "--csv", "-o", os.path.join(temporary, "k")], ["export", "--npz", "-o", os.path.join(temporary, "k.npz")]):
        done = fenchel("log", verb[0], folder, *verb[1:])
        need(done.returncode == 0 and not done.stderr, f"{verb[0]} of a killed run: {done.stderr}")
    with np.load(os.path.join(temporary, "k.npz")) as z:
        need(same(z["train/g"], final["train/g"][:len(z["train/g"])]) and len(z["train/g"]) == len(final["train/step"]), "npz of a killed run")
    done = fenchel("log", "repair", folder)
    need(done.returncode == 0 and f"{len(final['train/step'])} rows of train" in done.stdout, f"repair: {done.stdout}{done.stderr}")
    with h5py.File(os.path.join(folder, "log.h5"), "r") as f:                  # as tools open it that know nothing of SWMR
        need(int(f["run/status"][()]) == 2, "status of a repaired log is not interrupted")
        for name, value in final.items():
            if name not in ("run/status",) and not isinstance(value, str):
                rows = len(f[name]) if np.ndim(value) else None
                need(same(f[name][()], value[:rows] if rows is not None else value), f"{name} after the repair")
                need(rows is None or len(value) - rows <= 1000 and (rows or not len(value)), f"{name}: {rows} of {np.shape(value)} rows are left")
        need(h5py.h5ds.is_attached(f["train/g"].id, f["train/step"].id, 0), "dimension scales are lost")
    if shutil.which("ncdump"):
        need(subprocess.run(["ncdump", "-h", os.path.join(folder, "log.h5")], capture_output=True, check=False).returncode == 0, "ncdump")
    done = fenchel("log", "repair", folder)
    need(done.returncode == 0 and "closed as it should be" in done.stdout, f"a second repair: {done.stdout}{done.stderr}")
    need(not [f for f in os.listdir(folder) if f.endswith((".tmp", ".repaired"))], f"left: {os.listdir(folder)}")


# ---- what is no log ----
def refused(temporary):
    good = folder_of(temporary, "vae")
    made = {}
    for name in ("empty", "garbage", "foreign", "begun", "sweep"):
        made[name] = os.path.join(temporary, "no-" + name)
        os.makedirs(made[name])
    write(made["garbage"], "log.h5", "this is no log\n" * 100)
    with h5py.File(os.path.join(made["foreign"], "log.h5"), "w") as f:
        f["x"] = 1
    write(made["begun"], "resolved.yaml", "name: x\n")
    os.makedirs(os.path.join(made["sweep"], "points", "0"))
    rows = (("nowhere", os.path.join(temporary, "nowhere"), "there is no folder"),
            ("file", os.path.join(good, "config.yaml"), "is a file; needed is a run's folder"),
            ("empty", made["empty"], "is no run's folder: it has no log.h5"),
            ("garbage", made["garbage"], "it is not an HDF5 file"),
            ("foreign", made["foreign"], "is no log of fenchel: its attribute fenchel_schema is missing"),
            ("begun", made["begun"], "has no log.h5: its run was stopped"),
            ("sweep", made["sweep"], "is the folder of a sweep; its runs are the folders in"))
    for name, path, sentence in rows:
        for verb in (["show"], ["repair"], ["snapshot"], ["export", "--csv"], ["export", "--npz"]):
            before = sorted(os.listdir(path)) if os.path.isdir(path) else None
            done = fenchel("log", verb[0], path, *verb[1:])
            need(done.returncode == 1 and sentence in done.stderr and done.stderr.count("\n") == 1 and not done.stdout,
                 f"{verb} of {name}: exit {done.returncode}: {done.stdout}{done.stderr}")
            left = sorted(os.listdir(path)) if os.path.isdir(path) else None
            need(left == before or left == sorted(before + ["run.lock"]) and verb == ["repair"], f"{verb} of {name} left {left}")


def usage(temporary):
    folder = folder_of(temporary, "vae")
    for words, sentence in ((["export", folder], "neither --csv nor --npz"), (["export", folder, "--csv", "--npz"], "--csv and --npz"),
                            (["export", folder, "--xml"], "unknown option"), (["show"], "which run's folder?"), (["tell", folder], "needs show, export"),
                            (["repair", folder, folder], "one argument too many"), ([], "which verb?"), (["show", folder, "--csv"], "unknown option")):
        done = fenchel("log", *words)
        need(done.returncode == 2 and sentence in done.stderr and not done.stdout, f"{words}: exit {done.returncode}: {done.stdout}{done.stderr}")
    for verb in ("show", "export", "snapshot", "repair"):
        done = fenchel("log", verb, "--help")
        need(done.returncode == 0 and f"\n  fenchel log {verb} runs/" in done.stdout, f"{verb} --help: {done.stdout}")
    done = fenchel("log", "export", folder, "--csv", "-o", os.path.join(folder, "config.yaml", "x"))
    need(done.returncode == 1 and "config.yaml" in done.stderr, f"a folder that cannot be made: {done.stderr}")


def shown(temporary):
    done = fenchel("log", "show", folder_of(temporary, "vae"))
    lines = done.stdout.split("\n")
    need(lines[0].endswith(": finished") and lines[1] == "train, steps 1 to 20", done.stdout)
    there = as_read(folder_of(temporary, "vae"))
    model = [line for line in lines if line.startswith("  model ")][0].split()
    values = there["train/model"]
    for got, wanted in zip(model[1:4], (values[-1], values.min(), values.max())):
        need(abs(float(got) - wanted) <= 1e-5 * abs(wanted), f"model: {model}")
    need(10 <= len(model[-1]) <= 20 and model[-1][0] == "#" and model[-1][-1] == "_", f"the course falls from the largest: {model}")
    need(any("nats/image" in line for line in lines), "no unit")
    need(all(len(line) < 80 for line in lines[1:] if "times" not in line), "a line is longer than a terminal")
    done = subprocess.run([FENCHEL, "log", "show", folder_of(temporary, "vae")], env=dict(ENVIRONMENT, LC_ALL="C.UTF-8"), capture_output=True, check=False)
    need("\u2588" in done.stdout.decode(), "no blocks in UTF-8")


def tests(temporary):
    check("npz", npz, temporary)
    check("csv", csv_tables, temporary)
    check("show", shown, temporary)
    check("a running log, then a killed one", live, temporary)
    check("what is no log", refused, temporary)
    check("usage", usage, temporary)


if __name__ == "__main__":
    main(tests)
