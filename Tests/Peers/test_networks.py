"""The built-in networks against torchvision, Keras and torch, on random weights.

    python3 test_networks.py [--quick]

Each library's network gets random weights and writes them under its own names; `bulkhead predict` reads them by name and
must give the library's probabilities for four random images within 1e-4, relative to the largest of each image. The
negative control exchanges two of a network's weights: the probabilities must differ. With --quick the networks with
large fully connected layers are left out, and named.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")
os.environ.update(KERAS_BACKEND="torch", CUDA_VISIBLE_DEVICES="")
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BULKHEAD = ROOT / ".build/release/bulkhead"
CLASSES, IMAGES, TOLERANCE = 12, 4, 1e-4
failures = []

try:
    import numpy as np
    import torch
    from PIL import Image
    from torch import nn
except ImportError as error:
    print(f"missing: {error.name}; the built-in networks were not compared")
    sys.exit(0)


def torchvision_models():
    """torchvision's models; its operators, which none of them uses, are declared where the build lacks them."""
    import re
    source = pathlib.Path(torch.__file__).parent.parent / "torchvision/_meta_registrations.py"
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in set(re.findall(r'register_meta\("(\w+)"\)|torchvision::(\w+)', source.read_text())):
        try:
            library.define(f"{name[0] or name[1]}(Tensor a) -> Tensor")
        except RuntimeError:
            pass
    torchvision_models.library = library
    import torchvision.models
    return torchvision.models


def caffenet():
    def convolution(index, *words, **options):
        return [(f"conv{index}", nn.Conv2d(*words, **options)), (f"relu{index}", nn.ReLU())]

    def pool(index, is_normalized):
        layers = [(f"pool{index}", nn.MaxPool2d(3, 2, ceil_mode=True))]
        return layers + ([(f"norm{index}", nn.LocalResponseNorm(5))] if is_normalized else [])

    from collections import OrderedDict
    return nn.Sequential(OrderedDict([
        *convolution(1, 3, 96, 11, stride=4), *pool(1, True), *convolution(2, 96, 256, 5, padding=2, groups=2),
        *pool(2, True), *convolution(3, 256, 384, 3, padding=1), *convolution(4, 384, 384, 3, padding=1, groups=2),
        *convolution(5, 384, 256, 3, padding=1, groups=2), *pool(5, False), ("flatten", nn.Flatten()),
        ("fc6", nn.Linear(9216, 4096)), ("relu6", nn.ReLU()), ("fc7", nn.Linear(4096, 4096)), ("relu7", nn.ReLU()),
        ("fc8", nn.Linear(4096, CLASSES))]))


def randomize(model):
    """Weights that keep the scale of activations, statistics of their own, and scores that tell classes apart."""
    torch.manual_seed(5)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                fan = module.weight[0].numel()
                module.weight.normal_(0, (2 / fan) ** 0.5)
                if module.bias is not None:
                    module.bias.normal_(0, 0.1)
            elif isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.4, 0.8), module.bias.normal_(0, 0.2)
                module.running_mean.normal_(0, 0.2), module.running_var.uniform_(0.5, 2)
    return model.eval()


def compare(preset, probabilities, weights, folder, expects_difference=False, data="inputNormalization: unit"):
    """What `bulkhead predict` makes of the images with a library's file of weights."""
    configuration, output = folder / "network.yaml", folder / "predictions.jsonl"
    configuration.write_text(
        f"network: {{preset: {preset}}}\ndata: {{path: {folder}/data.h5, {data}}}\n"
        f"weights: {{from: {weights}, use: continuation}}\n")
    output.unlink(missing_ok=True)
    result = subprocess.run(
        [BULKHEAD, "predict", configuration, folder / "test", "--top", str(probabilities.shape[1]), "--output", output],
        capture_output=True, text=True)
    if result.returncode:
        failures.append(preset)
        print(f"FAILED: {preset}: {result.stderr.strip()[-2000:]}")
        return
    found = np.zeros(probabilities.shape)
    for line in output.read_text().splitlines():
        row = json.loads(line)
        for entry in row["classes"]:
            found[int(pathlib.Path(row["file"]).stem), int(entry["class"][1:])] = entry["probability"]
    difference = (np.abs(found - probabilities).max(1) / probabilities.max(1)).max()
    is_right = difference > 100 * TOLERANCE if expects_difference else difference < TOLERANCE
    print(f"{'ok' if is_right else 'FAILED'}: {preset}{', weights exchanged' if expects_difference else ''}: "
          f"relative difference {difference:.1e}")
    if not is_right:
        failures.append(preset)


def images(folder, size):
    """One image per class to train on (which changes nothing), and four to predict."""
    random = np.random.default_rng(3)
    for index in range(CLASSES):
        path = folder / f"train/c{index:02d}"
        path.mkdir(parents=True)
        for copy in range(2):
            Image.fromarray(random.integers(0, 256, (size, size, 3), np.uint8)).save(path / f"{copy}.png")
    (folder / "test").mkdir()
    pixels = random.integers(0, 256, (IMAGES, size, size, 3), np.uint8)
    for index, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"test/{index}.png")
    subprocess.run(
        [BULKHEAD, "prepare", "folder", str(folder / "train"), "--output", str(folder / "data.h5"), "--train", "1",
         "--validation", "1", "--test", "0"], check=True, capture_output=True)
    return pixels.astype(np.float32) / 255


def main():
    is_quick = "--quick" in sys.argv
    models = torchvision_models()
    options = {"num_classes": CLASSES}
    networks = {
        "squeezenet1.1": (lambda: models.squeezenet1_1(**options), 224, False),
        "squeezenet1.0": (lambda: models.squeezenet1_0(**options), 224, False),
        "resnet18": (lambda: models.resnet18(**options), 224, False),
        "resnet34": (lambda: models.resnet34(**options), 224, False),
        "resnet50": (lambda: models.resnet50(**options), 224, False),
        "resnet101": (lambda: models.resnet101(**options), 224, True),
        "googlenet": (lambda: models.googlenet(aux_logits=False, init_weights=False, **options), 224, False),
        "alexnet": (lambda: models.alexnet(**options), 224, True),
        "vgg11": (lambda: models.vgg11(**options), 224, True),
        "caffenet": (caffenet, 227, True),
    }
    left_out = [name for name, network in networks.items() if is_quick and network[2]]
    if left_out:
        print(f"left out with --quick: {', '.join(left_out)}")
    with tempfile.TemporaryDirectory() as scratch:
        for size in (224, 227):
            (pathlib.Path(scratch) / str(size)).mkdir()
        pixels = {size: images(pathlib.Path(scratch) / str(size), size) for size in (224, 227)}
        for preset, (make, size, _) in networks.items():
            if preset in left_out:
                continue
            folder = pathlib.Path(scratch) / str(size)
            model = randomize(make())
            x = torch.from_numpy(pixels[size].transpose(0, 3, 1, 2).copy())
            with torch.no_grad():
                probabilities = model(x).softmax(1).double().numpy()
            state = {key: value for key, value in model.state_dict().items()}
            torch.save(state, folder / "weights.pth")
            compare(preset, probabilities, folder / "weights.pth", folder)
            if preset == "resnet18":
                names = ["layer1.0.conv1.weight", "layer1.1.conv1.weight"]
                state[names[0]], state[names[1]] = state[names[1]], state[names[0]]
                torch.save(state, folder / "weights.pth")
                compare(preset, probabilities, folder / "weights.pth", folder, expects_difference=True)
        mobilenet(pathlib.Path(scratch) / "224", pixels[224])
        published_squeezenet(pathlib.Path(scratch) / "published")


def published_squeezenet(folder):
    """The weights of `make pretrained` on photographs' own numbers: means 104, 117, 123, and the middle 227 of 256 pixels."""
    path = ROOT / "checkpoints/squeezenet1.1.pkl"
    if not path.exists():
        print("missing: checkpoints/squeezenet1.1.pkl (make pretrained); the published SqueezeNet was not compared")
        return
    import pickle
    arrays = pickle.loads(path.read_bytes())
    random = np.random.default_rng(4)
    (folder / "test").mkdir(parents=True)
    for index in range(1000):
        (folder / f"train/c{index:03d}").mkdir(parents=True)
        Image.fromarray(random.integers(0, 256, (8, 8, 3), np.uint8)).save(folder / f"train/c{index:03d}/0.png")
    # Smooth pictures, as noise looks alike to a network.
    small = random.integers(0, 256, (IMAGES, 6, 6, 3), np.uint8)
    pixels = np.stack([np.asarray(Image.fromarray(image).resize((256, 256), Image.BICUBIC)) for image in small])
    for index, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"test/{index}.png")
    subprocess.run(
        [BULKHEAD, "prepare", "folder", folder / "train", "--output", folder / "data.h5", "--validation", "0", "--test",
         "0"], check=True, capture_output=True)
    x = torch.from_numpy(pixels[:, 14:241, 14:241, ::-1].astype(np.float32) - np.array([104, 117, 123], np.float32))
    x = x.permute(0, 3, 1, 2)

    def convolve(name, x, **options):
        kernel, bias = (torch.from_numpy(np.ascontiguousarray(array)) for array in arrays[name])
        return torch.relu(nn.functional.conv2d(x, kernel.permute(3, 2, 0, 1), bias, **options))

    def pool(x):
        return nn.functional.max_pool2d(x, 3, 2, ceil_mode=True)

    with torch.no_grad():
        x = pool(convolve("conv1", x, stride=2))
        for fire in range(2, 10):
            squeezed = convolve(f"fire{fire}/squeeze1x1", x)
            x = torch.cat([convolve(f"fire{fire}/expand1x1", squeezed),
                           convolve(f"fire{fire}/expand3x3", squeezed, padding=1)], 1)
            if fire in (3, 5):
                x = pool(x)
        probabilities = convolve("conv10", x).mean((2, 3)).softmax(1).double().numpy()
    data = "inputNormalization: {order: bgr, mean: [104, 117, 123]}, resize: {square: 256, crop: 227}"
    compare("squeezenet1.1", probabilities, path, folder, data=data)


def mobilenet(folder, x):
    try:
        import keras
    except ImportError as error:
        print(f"missing: {error.name}; mobilenet-v1 was not compared")
        return
    model = keras.applications.MobileNet(weights=None, classes=CLASSES)
    random = np.random.default_rng(5)

    def values(weight):
        shape = weight.shape
        if len(shape) == 4:
            fan = int(np.prod(shape[:2])) * (1 if "depthwise" in weight.path else shape[2])
            return random.normal(0, (2 / fan) ** 0.5, shape)
        return random.uniform(0.5, 1.5, shape) if any(
            part in weight.path for part in ("gamma", "variance")) else random.normal(0, 0.2, shape)

    model.set_weights([values(weight).astype(np.float32) for weight in model.weights])
    model.save_weights(folder / "mobilenet.weights.h5")
    compare("mobilenet-v1", model.predict(x, verbose=0).astype(float), folder / "mobilenet.weights.h5", folder)


if __name__ == "__main__":
    main()
    print(f"{len(failures)} failed" if failures else "the built-in networks agree")
    sys.exit(1 if failures else 0)
