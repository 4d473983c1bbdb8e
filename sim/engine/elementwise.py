"""Elementary functions over lanes, compiled so that a lane's value never depends on the lanes beside it.

NumPy picks other code for ``**``, ``exp``, ``log`` and their kin by processor, length, stride and broadcasting; with
AVX-512 the last bit of ``x ** p[:, None]`` differs between one lane and five. Here each element goes through the same
scalar routine of the C library, whatever surrounds it. Over lanes the model calls these and no others (a test reads
the source); + - * / and ``sqrt`` are exact and stay with NumPy. SciPy's ``ndtr``, ``ndtri`` and ``betaincinv`` are
scalar loops of that kind already and are passed on from here.

All take arrays of any shape, or numbers, and return a new float64 array (of the broadcast shape in :func:`power`).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, ndtr, ndtri

from sim.engine.compiling import njit

__all__ = ["betaincinv", "exp", "expm1", "log", "log10", "log1p", "log2", "logistic", "ndtr", "ndtri", "power"]


@njit(nogil=True, error_model="numpy", cache=True)
def _exp(x, out):
    for i in range(x.size):
        out[i] = math.exp(x[i])


@njit(nogil=True, error_model="numpy", cache=True)
def _expm1(x, out):
    for i in range(x.size):
        out[i] = math.expm1(x[i])


@njit(nogil=True, error_model="numpy", cache=True)
def _log(x, out):
    for i in range(x.size):
        out[i] = math.log(x[i])


@njit(nogil=True, error_model="numpy", cache=True)
def _log1p(x, out):
    for i in range(x.size):
        out[i] = math.log1p(x[i])


@njit(nogil=True, error_model="numpy", cache=True)
def _log2(x, out):
    for i in range(x.size):
        out[i] = math.log2(x[i])


@njit(nogil=True, error_model="numpy", cache=True)
def _log10(x, out):
    for i in range(x.size):
        out[i] = math.log10(x[i])


@njit(nogil=True, error_model="numpy", cache=True)
def _logistic(x, out):
    for i in range(x.size):
        out[i] = 1 / (1 + math.exp(-x[i]))


@njit(nogil=True, error_model="numpy", cache=True)
def _power(base, exponent, out):
    for i in range(base.size):
        out[i] = math.pow(base[i], exponent[i])


def _each(loop: Callable, x: ArrayLike) -> np.ndarray:
    values = np.asarray(x, float, order="C")
    out = np.empty_like(values)
    loop(values.reshape(-1), out.reshape(-1))
    return out


def exp(x: ArrayLike) -> np.ndarray:
    """e to the power of ``x``, in the shape of ``x``."""
    return _each(_exp, x)


def expm1(x: ArrayLike) -> np.ndarray:
    """e to the power of ``x``, less 1, in the shape of ``x``."""
    return _each(_expm1, x)


def log(x: ArrayLike) -> np.ndarray:
    """Natural logarithm, in the shape of ``x``."""
    return _each(_log, x)


def log1p(x: ArrayLike) -> np.ndarray:
    """Natural logarithm of 1 + ``x``, in the shape of ``x``."""
    return _each(_log1p, x)


def log2(x: ArrayLike) -> np.ndarray:
    """Logarithm to base 2, in the shape of ``x``."""
    return _each(_log2, x)


def log10(x: ArrayLike) -> np.ndarray:
    """Logarithm to base 10, in the shape of ``x``."""
    return _each(_log10, x)


def logistic(x: ArrayLike) -> np.ndarray:
    """1 / (1 + exp(-x)): a chance (0 to 1) from log odds, in the shape of ``x``."""
    return _each(_logistic, x)


def power(base: ArrayLike, exponent: ArrayLike) -> np.ndarray:
    """``base`` to the power of ``exponent``, in the shape that both broadcast to."""
    shape = np.broadcast_shapes(np.shape(base), np.shape(exponent))
    left, right, out = np.empty(shape), np.empty(shape), np.empty(shape)
    left[...], right[...] = base, exponent
    _power(left.reshape(-1), right.reshape(-1), out.reshape(-1))
    return out
