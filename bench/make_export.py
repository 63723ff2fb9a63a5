"""Make an X export of a given size: `python bench/make_export.py export.zip --size 500000000 --seed 1`."""

import argparse
import json
from pathlib import Path

from holdfast.testing.exports import benchmark, demo, make_folder, make_zip, of_size


def main() -> None:
    """Write the export and print what is in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, help="a zip that does not exist yet, or with --folder a folder")
    parser.add_argument("--size", type=int, default=500_000_000, help="about this many bytes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", choices=("size", "benchmark", "demo"), default="size")
    parser.add_argument("--folder", action="store_true", help="unpacked")
    args = parser.parse_args()
    specs = {"size": lambda: of_size(args.size, args.seed), "benchmark": lambda: benchmark(args.seed), "demo": demo}
    made = (make_folder if args.folder else make_zip)(specs[args.set](), args.path)
    print(json.dumps({"bytes": made.size, "members": len(made.members), "posts": len(made.posts)}))


if __name__ == "__main__":
    main()
