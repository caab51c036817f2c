// libhdf5 for Swift: its macros and mutable globals are reached through static inline functions.
#pragma once
#include <hdf5.h>
