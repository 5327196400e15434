# SPDX-License-Identifier: Apache-2.0
"""Copies a model and puts masks in on the way."""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections import Counter
from typing import Any

import keras
from keras.layers import InputLayer

from tfsparse.analysis.consumers import resolved_unit
from tfsparse.analysis.graph import Graph
from tfsparse.analysis.models import as_functional, has_graph
from tfsparse.analysis.relu_sites import has_plain_relu_built_in, is_plain_relu
from tfsparse.errors import UnsupportedModelError
from tfsparse.layers import FATReLU, SampledWTADropout, WTADropout
from tfsparse.surgery.plan import NewMask, Plan


class Surgeon:
    """Copies models layer by layer, each layer once, and puts the masks and thresholds of a plan in.

    Args:
        graph: The graph of the model to copy.
        plan: Its masks and thresholds.
    """

    def __init__(self, graph: Graph, plan: Plan) -> None:
        self.plan = plan
        self.paths = {id(call.layer): call.path for call in graph.calls}
        self._copies: dict[int, tuple[Any, Any]] = {}
        self._masks: dict[str, WTADropout] = {}
        self._fatrelus: dict[str, FATReLU] = {}

    def copy_model(self, model: keras.Model) -> keras.Model:
        """A copy of `model` with masks, thresholds, weights and trainable flags; not compiled."""
        copy = self.copy(model)
        self._copy_state()
        return copy

    def copy(self, layer: Any) -> Any:
        """The copy of a layer, operation or nested model; always the same one. It has no weights of its own yet."""
        if id(layer) not in self._copies:
            if not has_graph(layer):
                copy = self._copy_layer(layer)
            elif isinstance(layer, keras.Sequential):
                copy = self._copy_sequential(layer)
            else:
                copy = _FunctionalCopy(self, layer).run()
            self._copies[id(layer)] = (layer, copy)
        return self._copies[id(layer)][1]

    def mask(self, new: NewMask, consumer: keras.Layer, taken: set[str]) -> WTADropout:
        """The new mask layer of a consumer, one for all its calls."""
        if new.consumer not in self._masks:
            name = _free_name(f"wta_{consumer.name}", taken)
            options: dict[str, Any] = {"name": name, "dtype": consumer.compute_dtype}
            if new.sampled:
                self._masks[new.consumer] = SampledWTADropout(new.rate, **options)
            else:
                self._masks[new.consumer] = WTADropout(new.rate, score=new.score, unit=new.unit, **options)
        return self._masks[new.consumer]

    def fatrelu_behind(self, layer: Any, taken: set[str]) -> FATReLU | None:
        """The threshold behind a layer that keeps its place, one for all its calls; `None` if it gets none there."""
        path = self.paths.get(id(layer), "")
        if path not in self.plan.thresholds or is_plain_relu(layer) or isinstance(layer, FATReLU):
            return None
        if path not in self._fatrelus:
            name = _free_name(f"{layer.name}_fatrelu", taken)
            self._fatrelus[path] = FATReLU(self.plan.thresholds[path], name=name, dtype=_compute_dtype(layer))
        return self._fatrelus[path]

    def _copy_layer(self, layer: Any) -> Any:
        path = self.paths.get(id(layer), "")
        threshold = self.plan.thresholds.get(path)
        if threshold is not None and (is_plain_relu(layer) or isinstance(layer, FATReLU)):
            return FATReLU(threshold, name=layer.name, dtype=getattr(layer, "dtype_policy", None))
        try:
            config = layer.get_config()
            update = self.plan.updates.get(path)
            if update is not None:
                config.update(winner_rate=update.rate)
                if not isinstance(layer, SampledWTADropout):
                    config.update(score=update.score)
            if threshold is not None and has_plain_relu_built_in(layer):
                config.update(activation="linear")
            if isinstance(layer, keras.layers.Lambda):  # the function comes from this very process: no stranger's code
                return type(layer).from_config(config, safe_mode=False)
            return type(layer).from_config(config)
        except (NotImplementedError, TypeError, ValueError) as error:
            raise UnsupportedModelError(
                f"Layer '{layer.name}' ({type(layer).__name__}) cannot be copied: {error}",
                remedy="Give it get_config() and from_config() that keep all its arguments.",
            ) from error

    def _copy_sequential(self, model: keras.Sequential) -> keras.Sequential:
        copies: list[Any] = []
        taken = {layer.name for layer in model.layers}
        for layer in model.layers:
            new = self.plan.insertions.get((self.paths.get(id(layer), ""), 0))
            if new is not None:
                place = len(copies) - new.depth
                copies[place - new.replaces : place] = [self.mask(new, layer, taken)]
            behind = self.fatrelu_behind(layer, taken)
            copies.extend([self.copy(layer)] if behind is None else [self.copy(layer), behind])
        return keras.Sequential([*_copied_inputs(model), *copies], name=model.name)

    def _copy_state(self) -> None:
        # Models come after what they hold, and setting their flag sets that of all they hold: so the models first.
        for layer, copy in reversed(self._copies.values()):
            if isinstance(layer, keras.Layer) and copy.trainable != layer.trainable:
                copy.trainable = layer.trainable
        for layer, copy in self._copies.values():
            if not isinstance(layer, keras.Layer) or has_graph(layer) or isinstance(copy, WTADropout | FATReLU):
                continue
            copy.set_weights(layer.get_weights())
            if isinstance(copy, keras.layers.Normalization):
                copy.finalize_state()


class _FunctionalCopy:
    """One pass through a Functional model that calls copies of its layers, with masks in between."""

    def __init__(self, surgeon: Surgeon, model: keras.Model) -> None:
        self.surgeon = surgeon
        self.model = model
        self.taken = {operation.name for operation in model.operations}
        self.originals: dict[int, Any] = {}
        self.positions: Counter[str] = Counter()
        self.made: dict[int, tuple[Any, tuple[Any, ...], dict[str, Any]]] = {}
        self.masked: dict[tuple[Any, ...], keras.KerasTensor] = {}
        self.kept: list[Any] = []  # tensors whose ids are keys

    def run(self) -> keras.Model:
        model = self.model
        view = keras.Model(model.input, model.output, name=model.name)
        inputs = _copied_inputs(model)
        copy = keras.models.clone_model(
            view,
            input_tensors=keras.tree.pack_sequence_as(model.input, [layer.output for layer in inputs]),
            clone_function=self.copy_of,
            call_function=self.call,
        )
        if type(model) is not type(view) and {"inputs", "outputs"} <= set(
            inspect.signature(type(model).__init__).parameters
        ):
            return type(model)(inputs=copy.input, outputs=copy.output, name=model.name)
        return copy

    def copy_of(self, layer: Any) -> Any:
        copy = self.surgeon.copy(layer)
        self.originals[id(copy)] = layer
        return copy

    def call(self, copy: Any, *args: Any, **kwargs: Any) -> Any:
        original = self.originals[id(copy)]
        path = self.surgeon.paths.get(id(original), "")
        new = self.surgeon.plan.insertions.get((path, self.positions[path]))
        self.positions[path] += 1
        if new is not None:
            tensor = _tensor(args, kwargs)
            args, kwargs = _exchange((args, kwargs), tensor, self.replay(tensor, new.depth, new, original))
        result = copy(*args, **kwargs)
        behind = self.surgeon.fatrelu_behind(original, self.taken)
        if behind is not None:
            self.kept.append(result)
            result = behind(result)
        if isinstance(copy, WTADropout):
            source = _tensor(args, kwargs)
            unit = resolved_unit(copy, source.shape)
            self.masked[id(source), copy.winner_rate, copy.score, unit, isinstance(copy, SampledWTADropout)] = result
        self.kept.append((result, args, kwargs))
        self.made.update((id(tensor), (copy, args, kwargs)) for tensor in keras.tree.flatten(result))
        return result

    def replay(self, tensor: Any, depth: int, new: NewMask, consumer: keras.Layer) -> Any:
        """`tensor` as it would be with the new mask, `depth` calls back."""
        if depth == 0:
            source = _tensor(*self.made[id(tensor)][1:]) if new.replaces else tensor
            return self.mask(source, new, consumer)
        key = (id(tensor), depth, new.replaces, new.rate, new.score, new.unit, new.sampled)
        if key not in self.masked:
            copy, args, kwargs = self.made[id(tensor)]
            before = _tensor(args, kwargs)
            args, kwargs = _exchange((args, kwargs), before, self.replay(before, depth - 1, new, consumer))
            self.masked[key] = copy(*args, **kwargs)
        return self.masked[key]

    def mask(self, tensor: Any, new: NewMask, consumer: keras.Layer) -> Any:
        """The masked tensor: one mask for all who read the same tensor at the same rate."""
        key = (id(tensor), new.rate, new.score, new.unit, new.sampled)
        if key not in self.masked:
            self.masked[key] = self.surgeon.mask(new, consumer, self.taken)(tensor)
        return self.masked[key]


def compile_like(model: keras.Model, copy: keras.Model) -> None:
    """Compiles `copy` as `model` is, with a fresh optimizer; warns the caller's caller if that is not possible."""
    if not model.compiled:
        return
    try:
        copy.compile_from_config(model.get_compile_config())
    except (TypeError, ValueError) as error:
        warnings.warn(
            f"The copy of model '{model.name}' is not compiled, because its loss, metrics or optimizer cannot be "
            f"rebuilt from their configuration ({error}). Call compile() on it.",
            stacklevel=3,
        )


def _compute_dtype(layer: Any) -> Any:
    return layer.compute_dtype if isinstance(layer, keras.Layer) else None


def _tensor(args: tuple[Any, ...], kwargs: dict[str, Any]) -> keras.KerasTensor:
    return next(leaf for leaf in keras.tree.flatten((args, kwargs)) if isinstance(leaf, keras.KerasTensor))


def _exchange(structure: Any, old: Any, new: Any) -> Any:
    return keras.tree.map_structure(lambda leaf: new if leaf is old else leaf, structure)


def _copied_inputs(model: keras.Model) -> list[InputLayer]:
    """Copies of the model's input layers, under their names, in the order of its inputs."""
    layers = {id(layer.output): layer for layer in as_functional(model).layers if isinstance(layer, InputLayer)}
    ordered = [layers[id(tensor)] for tensor in model.inputs]
    return [InputLayer.from_config(layer.get_config()) for layer in ordered]


def _free_name(name: str, taken: set[str]) -> str:
    candidates = itertools.chain([name], (f"{name}_{count}" for count in itertools.count(1)))
    free = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(free)
    return free
