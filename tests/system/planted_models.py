"""Models as machines keep them: a tree with one instance of each kind, and one with what only looks alike."""
import json
import struct


def text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def gguf(padding=0, **fields):
    """A file of GGUF version 3 with these texts; `padding` words of a vocabulary stand before the last."""
    items = [text(key.replace("__", ".")) + struct.pack("<I", 8) + text(value) for key, value in fields.items()]
    if padding:
        words = b"".join(text(f"word{i:08d}") for i in range(padding))
        items.insert(-1, text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, padding) + words)
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(items)) + b"".join(items) + bytes(64)


def safetensors(**metadata):
    header = json.dumps({"__metadata__": metadata, "w": {"dtype": "F16", "shape": [1], "data_offsets": [0, 2]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(2)


class Tree:
    def __init__(self, root):
        self.root, self.expected = root, []

    def put(self, path, content, kind=None, finder="models"):
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            content = json.dumps(content)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        if kind:
            self.expected.append((kind, path, finder))

    def folder(self, path, kind, finder="model-stores"):
        (self.root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
        self.expected.append((kind, path, finder))


HUB = "/home/anna/.cache/huggingface/hub/models--deepseek-ai--DeepSeek-R1"


def plant(root):
    """Returns what has to be found: rows of (kind, path, finder)."""
    t = Tree(root)
    t.put("/srv/x/weights.bin", gguf(general__architecture="deepseek4"), "GGUF architecture")
    t.put("/srv/x/notes.txt", gguf(general__architecture="deepseek32") + bytes(1 << 20), "GGUF with another ending")
    t.put("/srv/x/big", gguf(50000, general__architecture="qwen2", tokenizer__ggml__pre="deepseek-r1-qwen"),
          "GGUF whose tokenizer stands behind a vocabulary")
    t.put("/srv/x/template", gguf(general__architecture="llama", tokenizer__chat_template="x" * 6000 + "<｜User｜>"),
          "GGUF chat template")
    t.put("/srv/x/projector", gguf(general__architecture="clip", clip__projector_type="deepseekocr"), "GGUF projector")
    t.put("/srv/x/repo", gguf(general__architecture="llama", general__repo_url="https://huggingface.co/deepseek-ai/DeepSeek-V3"),
          "GGUF repository")
    t.put("/srv/y/a.safetensors", safetensors(base_model="deepseek-ai/DeepSeek-V3"), "safetensors base model")
    t.put("/srv/y/b", safetensors(architecture="DeepseekV32ForCausalLM"), "safetensors architecture")
    t.put("/srv/z/config.json", {"architectures": ["DeepseekV4ForCausalLM"]}, "config.json architecture")
    t.put("/srv/z/renamed", {"model_type": "deepseek_v4"}, "config.json of another name")
    t.put("/srv/z/nested.json", {"model_type": "x", "text_config": {"model_type": "deepseek_v2"}}, "config.json nested")
    t.put("/srv/z/adapter_config.json", {"base_model_name_or_path": "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B"}, "adapter")
    t.put("/srv/z/tokenizer_config.json", {"tokenizer_class": "T", "eos_token": {"content": "<｜end▁of▁sentence｜>"}}, "tokenizer")
    t.folder(HUB, "Hugging Face cache")
    t.put(HUB + "/blobs/0a1b2c3d", {"architectures": ["DeepseekForCausalLM"], "model_type": "deepseek"}, "Hugging Face blob")
    (root / HUB.lstrip("/") / "snapshots/abc").mkdir(parents=True)
    (root / HUB.lstrip("/") / "snapshots/abc/config.json").symlink_to("../../blobs/0a1b2c3d")
    ollama = "/usr/share/ollama/.ollama/models/manifests/"
    t.put(ollama + "registry.ollama.ai/library/deepseek-r1/8b", "{}", "Ollama library", "ollama")
    t.put(ollama + "hf.co/deepseek-ai/DeepSeek-V3.1/latest", "{}", "Ollama from Hugging Face", "ollama")
    t.put(ollama + "hf.co/unsloth/DeepSeek-R1-0528-GGUF/Q4_K_M", "{}", "Ollama from another's copy on Hugging Face", "ollama")
    t.put("/var/lib/ollama/models/manifests/registry.ollama.ai/someone/deepseek-coder/6.7b", "{}", "Ollama of a user", "ollama")
    t.put("/usr/share/ollama/.ollama/models/blobs/sha256-77", gguf(general__architecture="deepseek4"), "Ollama blob")
    t.put("/home/anna/bot/Modelfile", "FROM deepseek-r1:7b\nPARAMETER temperature 1\n", "Modelfile", "modelfiles")
    t.folder("/home/anna/.lmstudio/models/deepseek-ai/DeepSeek-R1-0528", "LM Studio")
    t.folder("/home/anna/.cache/modelscope/hub/models/deepseek-ai/DeepSeek-V2", "ModelScope")
    t.folder("/opt/text-generation-webui/user_data/models/deepseek-ai_DeepSeek-V2.5", "text-generation-webui")
    t.put("/var/lib/docker/overlay2/l1/diff/models/w.gguf", gguf(general__architecture="deepseek4"), "container layer")
    return t.expected


def plant_clean(root):
    t = Tree(root)
    t.put("/srv/deepseek.gguf", gguf(general__architecture="llama", tokenizer__ggml__pre="llama-bpe", general__name="DeepSeek"))
    t.put("/srv/kimi", gguf(general__architecture="kimi-linear", general__basename="deepseek"))
    t.put("/srv/config.json", {"architectures": ["LlamaForCausalLM"], "model_type": "llama"})
    t.put("/srv/not.json", {"about": "DeepseekV4ForCausalLM deepseek_v4"})
    t.put("/srv/a.safetensors", safetensors(base_model="meta-llama/Llama-3", comment="deepseek-ai/DeepSeek-V3"))
    t.put("/srv/manifests/registry.ollama.ai/library/llama3/8b", "{}")
    t.put("/root/.ollama/models/manifests/registry.ollama.ai/library/qwen2/7b", "{}")
    t.put("/home/anna/.cache/huggingface/hub/models--meta-llama--Llama-3/blobs/1", {"model_type": "llama"})
    t.put("/home/anna/.lmstudio/models/lmstudio-community/Qwen2/x.gguf", gguf(general__architecture="qwen2"))
    t.put("/home/anna/deepseek/notes.md", "deepseek-ai/DeepSeek-V3")
    # damaged ones, and what begins as one and is none
    t.put("/srv/short.gguf", b"GGUF\x03")
    t.put("/srv/endless.gguf", b"GGUF" + struct.pack("<IQQ", 3, 1, 1 << 60) + b"\xff" * 400)
    t.put("/srv/header.safetensors", struct.pack("<Q", 90_000_000) + b"{" + b" " * 5000)
    t.put("/srv/half.json", '{"model_type": ["deepseek')
    t.put("/srv/deep.json", '{"model_type":' + "[" * 100_000)
