#!/usr/bin/env python3
"""Looks at the machine code of the AVX-512 kernels: does each inner loop keep its sums in registers?

    .ci/inner_loops.py OBJECT…      the object files of kernels_avx512.c and kernels_avx512_bf16.c

valgrind shows programs no AVX-512, so instruction counts cannot guard these kernels; their disassembly can. In every
innermost loop of products, nothing may be kept on the stack, and of the tile's 6 rows × 4 vectors (3 for three gates) there has
to be a multiply-add for each, once or a whole number of times.
"""

import re
import subprocess
import sys

# The largest tile of each function: rows × vectors.
TILES = {
    "lstm_forward_step": 6 * 4,
    "lstm_backward_step": 6 * 4,
    "layer_norm_lstm_products": 6 * 4,
    "layer_norm_lstm_hidden_gradient": 6 * 4,
    "peephole_lstm_forward_step": 6 * 4,
    "peephole_lstm_backward_step": 6 * 4,
    "coupled_lstm_forward_step": 6 * 3,
    "coupled_lstm_backward_step": 6 * 4,
    "gru_forward_step": 6 * 3,
    "gru_backward_step": 6 * 4,
    "rnn_forward_step": 6 * 4,
    "rnn_backward_step": 6 * 4,
    "irnn_forward_step": 6 * 4,
    "irnn_backward_step": 6 * 4,
    "accumulate_transposed": 6 * 4,
    "multiply_gates": 6 * 4,
}
MULTIPLY_ADD = re.compile(r"vfmadd\d+ps|vdpbf16ps")
ON_STACK = re.compile(r"zmm.*\((%rsp|%rbp)\)|\((%rsp|%rbp)\).*zmm")
FEWEST = 4  # loops of fewer multiply-adds are no tiles


def functions(path):
    """The instructions of each function: (address, mnemonic, operands)."""
    listing = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", "-w", path], capture_output=True, text=True, check=True
    ).stdout
    found, current = {}, None
    for line in listing.splitlines():
        if heading := re.match(r"[0-9a-f]+ <(\w+)>:", line):
            current = found.setdefault(re.sub(r"^flushing_", "", heading[1]), [])
        elif current is not None and (match := re.match(r"\s*([0-9a-f]+):\s+(\S+)\s*(.*)", line)):
            current.append((int(match[1], 16), match[2], match[3]))
    return found


def innermost_loops(code):
    """Stretches of code that end in a jump back to their beginning and have no such jump within."""
    index = {address: position for position, (address, _, _) in enumerate(code)}
    jumps = []
    for position, (address, mnemonic, operands) in enumerate(code):
        target = re.match(r"([0-9a-f]+)", operands) if mnemonic.startswith("j") else None
        if target and int(target[1], 16) < address and int(target[1], 16) in index:
            jumps.append((index[int(target[1], 16)], position))
    for start, end in jumps:
        if not any(start <= other_start and other_end < end for other_start, other_end in jumps):
            yield code[start : end + 1]


def faults_of(path):
    seen = functions(path)
    for name, tile in TILES.items():
        if name not in seen:
            yield f"{name}: not found"
            continue
        tiles = []
        for loop in innermost_loops(seen[name]):
            products = sum(bool(MULTIPLY_ADD.fullmatch(mnemonic)) for _, mnemonic, _ in loop)
            if products < FEWEST:
                continue
            tiles.append(products)
            if spills := [operands for _, _, operands in loop if ON_STACK.search(operands)]:
                yield f"{name}: a loop of {products} multiply-adds keeps {len(spills)} vectors on the stack: {spills[0]}"
        whole = [products for products in tiles if products % tile == 0]
        print(f"{path}: {name}: {len(tiles)} loops of products, {len(whole)} of them of whole {tile}s")
        if not whole:
            yield f"{name}: no loop of a whole number of {tile} multiply-adds; there are {sorted(set(tiles))}"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    faults = [f"{path}: {fault}" for path in sys.argv[1:] for fault in faults_of(path)]
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
