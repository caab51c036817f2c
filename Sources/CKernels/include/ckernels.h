// The inner loops that Swift's default target (no AVX) would run several times slower.
//
// Arrays are float32 and row-major unless stated otherwise; [rows, channels] means rows of `channels` contiguous elements.
// No function allocates, starts threads or keeps state, except that the process requests AMX from the system once. Sums have
// a fixed order.
#pragma once
#include <stdint.h>

/// Makes the C library's allocator keep freed memory, as each training step allocates what the last one freed. Otherwise
/// the system's clearing of new pages takes a third of a small network's time.
void kernel_keep_freed_memory(void);

/// x = max(x, 0); NaN stays NaN.
void kernel_relu(float *x, int64_t count);
/// dy = y <= 0 ? 0 : dy; unchanged where y is NaN.
void kernel_relu_gradient(const float *y, float *dy, int64_t count);

/// x = min(x, maximum); dy becomes 0 where y ≥ maximum.
void kernel_limit(float *x, float maximum, int64_t count);
void kernel_limit_gradient(const float *y, float maximum, float *dy, int64_t count);

/// y += a·x.
void kernel_add_scaled(float a, const float *x, float *y, int64_t count);
/// y = a·x.
void kernel_scale(float a, const float *x, float *y, int64_t count);
/// Σ x², in double.
double kernel_sum_of_squares(const float *x, int64_t count);
/// Whether no element is NaN or infinite.
_Bool kernel_is_finite(const float *x, int64_t count);
/// Σ x·y, in double.
double kernel_dot(const float *x, const float *y, int64_t count);
/// low, high = c·low − s·high, s·low + c·high.
void kernel_rotate(double c, double s, double *low, double *high, int64_t count);

/// y [columns, rows] = x [rows, columns] transposed.
void kernel_transpose(const float *x, float *y, int64_t rows, int64_t columns);

/// sum[c] = Σ over rows of x[r, c].
void kernel_column_sums(const float *x, int64_t rows, int64_t channels, float *sum);
/// x[r, c] += bias[c].
void kernel_add_rows(const float *bias, float *x, int64_t rows, int64_t channels);
/// sum[c] = Σ (x[r, c] − mean[c])².
void kernel_centered_squares(const float *x, const float *mean, int64_t rows, int64_t channels, float *sum);
/// y[r, c] = max(a[c]·x[r, c] + b[c], floor): batch normalization, with ReLU for the floor 0; a floor of NaN is none.
void kernel_affine(
  const float *x, const float *a, const float *b, float floor, float *y, int64_t rows, int64_t channels);
/// Two sums per channel for batch normalization: Σ g and Σ g·(x − mean)·inverse. g is dy where a[c]·x + b[c] is above the
/// floor or NaN, or where there is no floor; else 0.
void kernel_normalization_sums(
  const float *x, const float *dy, const float *a, const float *b, float floor, const float *mean,
  const float *inverse, int64_t rows, int64_t channels, float *sum_gradient, float *sum_product);
/// dy[r, c] = a[c]·g[r, c] + slope[c]·x[r, c] + shift[c], with the same g; a[c]·g[r, c] if slope and shift are NULL.
void kernel_normalization_gradient(
  const float *x, const float *a, const float *b, float floor, const float *slope, const float *shift, float *dy,
  int64_t rows, int64_t channels);

/// The maximum per channel, by strict >, over the positions y0 ≤ y < y1, x0 ≤ x < x1 of a map [_, width, channels]; argmax
/// is y·width + x.
/// An empty span gives 0 and −1; a span without a value above −FLT_MAX gives −FLT_MAX and −1 (Caffe, ROIPooling).
void kernel_span_maximum(
  const float *map, int64_t width, int64_t channels, int64_t y0, int64_t y1, int64_t x0, int64_t x1, float *output,
  int32_t *argmax);
/// Backward: dx[argmax[c], c] += dy[c] for first ≤ c < end; skips an argmax of −1.
void kernel_span_gradient(
  const float *dy, const int32_t *argmax, float *dx, int64_t width, int64_t channels, int64_t y0, int64_t y1,
  int64_t x0, int64_t x1, int64_t first, int64_t end);

/// y[i] = x[i]·scale, or 0 if the top 24 bits of SplitMix64(seed, first + i) are below `threshold`. The same call on a
/// gradient is the backward pass.
void kernel_dropout(
  const float *x, float *y, int64_t count, uint64_t seed, int64_t first, uint32_t threshold, float scale);

/// Local response normalization of each row across its channels, and its gradient with respect to x; see
/// `Kernels.LocalResponseNormalization`. `share` is α/n; `scratch` has room for 3·channels + size − 1 elements.
void kernel_response(
  const float *x, float *y, int64_t rows, int64_t channels, int64_t size, float share, float beta, float k,
  float *scratch);
void kernel_response_gradient(
  const float *x, const float *dy, float *dx, int64_t rows, int64_t channels, int64_t size, float share, float beta,
  float k, float *scratch);

/// One step of SGD with momentum; see `Kernels.MomentumUpdate` for the formulas.
typedef struct {
  float weight_decay, momentum, gradient_scale, learning_rate;
  int32_t caffe, nesterov;
} kernel_momentum;

/// One step of AdamW; see `Kernels.AdamWUpdate` for the formulas.
typedef struct {
  /// 1 − learning rate · weight decay.
  float kept;
  /// 1 − β₁, β₂ and 1 − β₂.
  float first_share, second_kept, second_share;
  /// √(1 − β₂ᵗ), ε and learning rate / (1 − β₁ᵗ).
  float correction, epsilon, step;
} kernel_adamw;

enum { kernel_rule_momentum, kernel_rule_adamw };
/// One step of an update rule. SGD's state `first` is the velocity, `second` is NULL; AdamW's are its two moments.
typedef struct {
  int32_t kind;
  kernel_momentum momentum;
  kernel_adamw adamw;
} kernel_rule;

/// One step of the rule on w and its state with the gradient g.
void kernel_update(float *w, float *first, float *second, const float *g, int64_t count, const kernel_rule *rule);

/// Columns of a panel and rows of a strip, the packed layouts of the factors below.
enum { kernel_panel = 64, kernel_strip = 6 };
/// Packs x [samples, columns] in panels [columns / 64, samples, 64], the last one padded with zeros.
void kernel_pack_panels(const float *x, int64_t stride, int64_t samples, int64_t columns, float *packed);
/// Packs x in strips [rows / 6, samples, 6], the last one padded with zeros; samples are `step` apart, rows `stride`.
void kernel_pack_strips(
  const float *x, int64_t step, int64_t stride, int64_t samples, int64_t rows, float *packed);
/// One step of the rule on w and its state [rows, columns] with the gradient xᵀ·d, which is never stored: x [samples, rows]
/// in strips, d [samples, columns] in panels.
void kernel_outer_update(
  const float *strips, const float *panels, int64_t samples, int64_t rows, int64_t columns, float *w, float *first,
  float *second, const kernel_rule *rule);

/// y [rows, columns] = x·w for x [rows, depth] in strips [rows / 6, depth, 6] and w [depth, columns], which is read once;
/// rows of w and y are `stride` and `y_stride` apart.
void kernel_strip_product(
  const float *strips, int64_t depth, const float *w, int64_t stride, int64_t rows, int64_t columns, float *y,
  int64_t y_stride);

/// y = x rounded to bfloat16.
void kernel_to_bfloat16(const float *x, int64_t count, uint16_t *y);
/// The products below round their factors to bfloat16 and sum in float32. The factors are packed in tiles of 1 KiB, padded
/// with zeros: the first in 16 rows × kernel_bfloat16_depth, [rows / 16, depth / 32, 16, 32]; the second in 16 pairs of
/// depth × 16 columns, [columns / 16, depth / 32, 16, 16, 2], in panels of 64 columns.
enum { kernel_bfloat16_depth = 32 };
/// The depth of one pass, and the elements of the second factor packed for it.
enum { kernel_bfloat16_chunk = 256, kernel_bfloat16_scratch = 256 * 512 };
/// The instructions of the products: the best available (AMX, else AVX-512 BF16), or AVX-512 BF16.
enum { kernel_bfloat16_best, kernel_bfloat16_avx512 };

/// Whether the processor has bfloat16 instructions.
int kernel_has_bfloat16(void);

/// Packs x [rows, depth], or [depth, rows] if transposed, as a first factor.
void kernel_bfloat16_rows(
  const float *x, int64_t stride, int32_t transposed, int64_t rows, int64_t depth, uint16_t *tiles);
/// Packs x [depth, columns], or [columns, depth] if transposed, as a second factor.
void kernel_bfloat16_columns(
  const float *x, int64_t stride, int32_t transposed, int64_t depth, int64_t columns, uint16_t *tiles);
/// y [rows, columns] = x·w, or y += x·w if `accumulate`, for x [rows, depth] in tiles and w [depth, columns], or [columns,
/// depth] if transposed, which is read once; w is packed in `scratch`, of kernel_bfloat16_scratch elements.
void kernel_bfloat16_product(
  const uint16_t *tiles, int64_t depth, const float *w, int64_t stride, int32_t transposed, int64_t rows,
  int64_t columns, int32_t accumulate, float *y, int64_t y_stride, uint16_t *scratch, int32_t instructions);
/// One step of the rule on w and its state [rows, columns] with the gradient left·right, which is never stored, for left
/// [rows, samples] and right [samples, columns] in tiles.
void kernel_bfloat16_update(
  const uint16_t *left, const uint16_t *right, int64_t samples, int64_t rows, int64_t columns, float *w, float *first,
  float *second, const kernel_rule *rule, int32_t instructions);

/// The intersection over union of a box {left, top, right, bottom, area} with the boxes first ≤ j < end, where the division
/// is 0 / 0: 0. `planes` holds left, top, right, bottom and area of all boxes, `stride` floats each.
void kernel_box_overlaps(
  const float *planes, int64_t stride, const float *box, int64_t first, int64_t end, float *overlaps);
/// removed[j] = 1 for the boxes first ≤ j < end whose intersection over union with the box is above the threshold.
void kernel_box_suppress(
  const float *planes, int64_t stride, const float *box, float threshold, int64_t first, int64_t end,
  int32_t *removed);
