#include "onednn_shim.h"
