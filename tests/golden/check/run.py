"""Asks `writ check` every question of cases.txt, and compares a few printed answers with text/*.

usage: run.py WRIT CATALOGUE [--update]      --update writes text/*: the diff is the review
"""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CASES_MIN = 90

# What is printed for people: name of the file in text/, arguments.
TEXTS = {
    'order.txt': ['orders', 'show', 'it-garante-order-2025-01-30'],
    'product.txt': ['products', 'show', 'rednote'],
    'check.txt': ['check', '--organisation', 'worlds/tx-agency.yaml', '--at', '2026-02-01',
                  'www.xiaohongshu.com', 'api.deepseek.com', 'deepseek-diving.example'],
    'own.txt': ['check', '--organisation', 'worlds/tw-own.yaml', '--as', 'laboratory', '--at',
                '2026-03-02T12:00:00+08:00', 'chat.deepseek.com', 'use-application-dns.net'],
    'window.txt': ['check', '--organisation', 'worlds/tw-own.yaml', '--at', '2026-03-02T18:00:00+08:00',
                   'chat.deepseek.com'],
}


def gguf_text(text):
    return struct.pack('<Q', len(text)) + text.encode()


def gguf(**values):
    """A GGUF header, version 3, without tensors; `_` in a key stands for a dot."""
    entries = b''.join(gguf_text(key.replace('__', '.')) + struct.pack('<I', 8) + gguf_text(value)
                       for key, value in values.items())
    return b'GGUF' + struct.pack('<IQQ', 3, 0, len(values)) + entries


def safetensors(**metadata):
    tensor = {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, 4]}
    header = json.dumps({'__metadata__': metadata, 'weight': tensor}).encode()
    return struct.pack('<Q', len(header)) + header + bytes(4)


MODEL_FILES = {
    'deepseek2.gguf': gguf(general__architecture='deepseek2', general__name='some-name'),
    'r1-distill.gguf': gguf(general__architecture='qwen2', tokenizer__ggml__model='gpt2',
                            tokenizer__ggml__pre='deepseek-r1-qwen'),
    'llama.gguf': gguf(general__architecture='llama', tokenizer__ggml__pre='llama-bpe'),
    'r1.safetensors': safetensors(format='pt', base_model='deepseek-ai/DeepSeek-R1'),
}


def run(writ, catalogue, arguments, cwd):
    command, *rest = arguments
    words = [command, rest.pop(0)] if command in ('orders', 'products') else [command]
    return subprocess.run([writ, *words, '--catalogue', catalogue, *rest], cwd=cwd, text=True,
                          capture_output=True, timeout=60, check=False)


def strictest(target):
    """The act that speaks for the target: of the acts with its verdict, one that something matches."""
    acts = [act for act in target['acts'] if act['verdict'] == target['verdict']]
    listed = [act for act in acts if act['reason'] != 'unlisted']
    return (listed or acts)[0]


def check_case(writ, catalogue, fields, models):
    world, who, when, target, verdict, reason, order = fields
    asker = [] if who == '-' else ['--as', who]
    done = run(writ, catalogue, ['check', '--json', '--organisation', str(HERE / 'worlds' / f'{world}.yaml'),
                                 *asker, '--at', when, target], models)
    expected = (int(verdict == 'block'), verdict, reason, order)
    if done.returncode not in (0, 1):
        return expected, (done.returncode, done.stderr.strip())
    answer = json.loads(done.stdout)[0]
    act = strictest(answer)
    return expected, (done.returncode, answer['verdict'], act['reason'], act.get('order', '-'))


def check_cases(writ, catalogue, models):
    count = failed = 0
    for number, line in enumerate((HERE / 'cases.txt').read_text().splitlines(), 1):
        if not line or line.startswith('#'):
            continue
        count += 1
        expected, got = check_case(writ, catalogue, line.split(), models)
        if got != expected:
            failed += 1
            print(f'cases.txt:{number}: {line}\n  got {got}')
    if count < CASES_MIN:
        print(f'cases.txt: {count} rows, expected at least {CASES_MIN}')
        failed += 1
    print(f'{count} questions, {failed} failed')
    return failed


def check_texts(writ, catalogue, update):
    failed = 0
    for name, arguments in TEXTS.items():
        path = HERE / 'text' / name
        got = run(writ, catalogue, arguments, HERE).stdout
        if update:
            path.write_text(got)
        elif not path.exists() or path.read_text() != got:
            failed += 1
            print(f'{path}: expected another text; got\n{got}')
    return failed


def main():
    writ, catalogue = (str(pathlib.Path(name).resolve()) for name in sys.argv[1:3])
    update = '--update' in sys.argv[3:]
    os.environ.pop('COLUMNS', None)
    with tempfile.TemporaryDirectory() as models:
        for name, content in MODEL_FILES.items():
            (pathlib.Path(models) / name).write_bytes(content)
        failed = check_cases(writ, catalogue, models)
    failed += check_texts(writ, catalogue, update)
    return 1 if failed else 0


sys.exit(main())
