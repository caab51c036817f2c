// oneDNN behind a few functions, without oneDNN's types: the same for versions 2 and 3.
//
// Every call runs on the calling thread only. Layouts: maps [n, h, w, c]; convolution weights [kh, kw, in / groups, out].
// Functions that return int return 0 on success and oneDNN's status otherwise.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The product of a convolution that a plan computes.
typedef enum {
  onednn_convolution_forward = 0,
  onednn_convolution_backward_input = 1,
  onednn_convolution_backward_weight = 2,
} onednn_convolution_kind;

/// The shape of a convolution, in positions and channels; all channels, not those of a group.
typedef struct {
  int32_t images, height, width, input_channels, output_channels, groups;
  int32_t kernel_height, kernel_width, stride, dilation;
  int32_t top, left, bottom, right;  // zeros around each map
  int32_t has_bias;  // forward only
  int32_t bfloat16;  // whether inputs are bfloat16; outputs are always float32
} onednn_convolution_shape;

typedef struct onednn_plan onednn_plan;

/// The plan for this product and shape, created once per process. NULL if oneDNN has none; *status is the reason.
const onednn_plan *onednn_convolution_plan(onednn_convolution_kind kind, onednn_convolution_shape shape, int *status);

/// The size of the weight in the plan's layout and precision, in floats.
size_t onednn_packed_count(const onednn_plan *plan);
/// Whether two plans have the same packed layout.
int onednn_same_packing(const onednn_plan *left, const onednn_plan *right);
/// Converts [kh, kw, in / groups, out] to the plan's layout and precision, and back.
int onednn_pack(const onednn_plan *plan, const float *weight, float *packed);
int onednn_unpack(const onednn_plan *plan, const float *packed, float *weight);

/// Executes a plan. Forward: source, packed, bias → destination. Backward input: destination (gradient), packed → source.
/// Backward weight: source, destination (gradient) → packed. Input maps have the plan's precision.
int onednn_convolve(const onednn_plan *plan, void *source, float *packed, const float *bias, void *destination);

/// c = op(a)·op(b), row-major; op transposes if asked. With accumulate: c += op(a)·op(b).
int onednn_multiply(
  int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t a_stride, const float *b,
  int64_t b_stride, int accumulate, float *c, int64_t c_stride);

/// Makes oneDNN run on one thread when called from this thread.
void onednn_use_caller_thread_only(void);

/// "2.6.3"; the string is static.
const char *onednn_version_text(void);
/// Whether oneDNN uses bfloat16 instructions of the processor.
int onednn_has_bfloat16(void);
/// Whether oneDNN uses AMX.
int onednn_has_amx(void);
/// The instruction set that oneDNN uses, such as "avx512_core_bf16", or its number in hexadecimal; valid on this thread.
const char *onednn_instruction_set(void);
