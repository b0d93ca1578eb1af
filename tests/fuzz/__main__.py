"""`python -m tests.fuzz SECONDS [TARGET...]`: atheris on each target, for its share of the time.

Coverage of our own code guides it. What it finds lies in fuzz/TARGET/, next to the inputs from
which it learned; the exit code is 1 if there is a find. A find becomes a test.
"""

import os
import subprocess
import sys
from pathlib import Path

PACKAGES = ["interviews", "operations"]
# What a small input may cost: more is a find as well.
SECONDS_PER_INPUT = 10
MEGABYTES = 2048
MAX_INPUT_BYTES = 4096


def main(arguments: list[str]) -> int:
    from tests.fuzz.targets import TARGETS

    if not arguments or not arguments[0].isdigit() or not set(arguments[1:]) <= TARGETS.keys():
        sys.stderr.write(f"python -m tests.fuzz SECONDS [{'|'.join(TARGETS)} ...]\n")
        return 2
    chosen = arguments[1:] or list(TARGETS)
    share = max(1, int(arguments[0]) // len(chosen))
    found = [name for name in chosen if not _run(name, share)]
    sys.stdout.write(f"found something: {', '.join(found)}\n" if found else "found nothing\n")
    return 1 if found else 0


def _run(name: str, seconds: int) -> bool:
    folder = Path("fuzz") / name
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.fuzz",
            "--fuzz",
            name,
            f"-max_total_time={seconds}",
            f"-timeout={SECONDS_PER_INPUT}",
            f"-rss_limit_mb={MEGABYTES}",
            f"-max_len={MAX_INPUT_BYTES}",
            f"-artifact_prefix={folder}/",
            "-print_final_stats=1",
            "-verbosity=0",
            str(folder / "corpus"),
        ],
        check=False,
    )
    sys.stdout.write(f"{name}: {'nothing' if done.returncode == 0 else 'a find'}\n")
    return done.returncode == 0


def fuzz(name: str, options: list[str]) -> None:
    import atheris  # no part of the other extras

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    with atheris.instrument_imports(include=PACKAGES):
        import django

        django.setup()
        from tests.fuzz import targets
    corpus = Path(options[-1])
    for number, seed in enumerate(targets.seeds(name)):
        (corpus / f"seed-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], *options], targets.TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fuzz"]:
        fuzz(sys.argv[2], sys.argv[3:])
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    sys.exit(main(sys.argv[1:]))
