"""Exponentials, logarithms and means over citizens, in the precision of their argument.

Sums have an order of their own, so that a lane comes out the same whatever lanes surround it and whichever process
compiled the loops. (Where the compiler was free to reassociate, two compilations of the same source were seen to
differ in the last bit.) The loops are still vectorised: each citizen is worked out apart, then summed.
"""

from __future__ import annotations

import math

import numpy as np
from numba import float32, types
from numba.extending import overload

from sim.engine.compiling import njit

EXACT_ORDER = {"nnan", "ninf", "nsz", "contract"}
"""Liberties the compiler may take: none that depends on the order in which it meets the operations."""
LOG2_E = 1.4426950408889634
LN_2_HIGH = 0.693359375
LN_2_LOW = -2.12194440e-4
LN_2 = 0.6931471805599453


def exponential(value):
    """Exponential in the type of its argument; the 32-bit one is written so that compilers can vectorise it."""
    return math.exp(value)


@overload(exponential, inline="always")
def _exponential(value):
    if value == types.float32:
        return _exponential_32
    return lambda value: math.exp(value)


def _exponential_32(value):
    """exp(value) = 2**n exp(r) with |r| <= ln(2)/2 and a Taylor polynomial of degree six; relative error 3e-7."""
    bounded = min(max(value, float32(-87.0)), float32(87.0))
    n = np.floor(bounded * float32(LOG2_E) + float32(0.5))
    r = (bounded - n * float32(LN_2_HIGH)) - n * float32(LN_2_LOW)
    series = float32(1 / 720)
    series = series * r + float32(1 / 120)
    series = series * r + float32(1 / 24)
    series = series * r + float32(1 / 6)
    series = series * r + float32(0.5)
    series = series * r + float32(1.0)
    series = series * r + float32(1.0)
    power_of_two = np.int32((n + float32(127.0)) * float32(2**23)).view(np.float32)
    return series * power_of_two


def logarithm_1p(value):
    """log(1 + value) for value >= 0, in the type of its argument; the 32-bit one can be vectorised."""
    return math.log1p(value)


@overload(logarithm_1p, inline="always")
def _logarithm_1p(value):
    if value == types.float32:
        return _logarithm_1p_32
    return lambda value: math.log1p(value)


def _logarithm_1p_32(value):
    """log(1 + value) = n ln(2) + 2 atanh(z), z = (m - 1) / (m + 1) with m in [1/sqrt(2), sqrt(2)]; error 2e-7."""
    whole = float32(1.0) + value
    bits = np.int32(np.float32(whole).view(np.int32) - np.int32(0x3F3504F3))
    n = np.int32(bits >> np.int32(23))
    m = np.int32((bits & np.int32(0x007FFFFF)) + np.int32(0x3F3504F3)).view(np.float32)
    # What rounding took from 1 + value is given back, or small values would be lost.
    lost = value - (whole - float32(1.0))
    z = (m - float32(1.0)) / (m + float32(1.0))
    square = z * z
    series = float32(2 / 9)
    series = series * square + float32(2 / 7)
    series = series * square + float32(2 / 5)
    series = series * square + float32(2 / 3)
    series = series * square + float32(2.0)
    return float32(n) * float32(LN_2) + z * series + lost


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", cache=True)
def logistic(values):
    """The logistic function of an array (lanes, citizens), in place."""
    one = values.dtype.type(1)
    for lane in range(values.shape[0]):
        row = values[lane]
        for i in range(row.size):
            row[i] = one / (one + exponential(-row[i]))


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", cache=True)
def exponentiate(values):
    """The exponential of an array (lanes, citizens), in place."""
    for lane in range(values.shape[0]):
        row = values[lane]
        for i in range(row.size):
            row[i] = exponential(row[i])


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def total(values):
    """Sum of a row in an order of its own: eight running sums, which processors add at once, and then those."""
    zero = values.dtype.type(0)
    s0, s1, s2, s3, s4, s5, s6, s7 = zero, zero, zero, zero, zero, zero, zero, zero
    whole = values.size - values.size % 8
    for i in range(0, whole, 8):
        s0 += values[i]
        s1 += values[i + 1]
        s2 += values[i + 2]
        s3 += values[i + 3]
        s4 += values[i + 4]
        s5 += values[i + 5]
        s6 += values[i + 6]
        s7 += values[i + 7]
    for i in range(whole, values.size):
        s0 += values[i]
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def mean(values):
    """Mean of a row; 0 for an empty one."""
    return total(values) / values.dtype.type(max(values.size, 1))


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def two_means(one, other):
    """Means of two rows of one length, each as :func:`mean` has it; together they take hardly longer than one."""
    zero = one.dtype.type(0)
    s0, s1, s2, s3, s4, s5, s6, s7 = zero, zero, zero, zero, zero, zero, zero, zero
    t0, t1, t2, t3, t4, t5, t6, t7 = zero, zero, zero, zero, zero, zero, zero, zero
    whole = one.size - one.size % 8
    for i in range(0, whole, 8):
        s0, t0 = s0 + one[i], t0 + other[i]
        s1, t1 = s1 + one[i + 1], t1 + other[i + 1]
        s2, t2 = s2 + one[i + 2], t2 + other[i + 2]
        s3, t3 = s3 + one[i + 3], t3 + other[i + 3]
        s4, t4 = s4 + one[i + 4], t4 + other[i + 4]
        s5, t5 = s5 + one[i + 5], t5 + other[i + 5]
        s6, t6 = s6 + one[i + 6], t6 + other[i + 6]
        s7, t7 = s7 + one[i + 7], t7 + other[i + 7]
    for i in range(whole, one.size):
        s0, t0 = s0 + one[i], t0 + other[i]
    first = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
    second = ((t0 + t1) + (t2 + t3)) + ((t4 + t5) + (t6 + t7))
    number = one.dtype.type(max(one.size, 1))
    return first / number, second / number
