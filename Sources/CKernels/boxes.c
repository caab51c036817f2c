// Overlaps of boxes. Arithmetic in float32, in the order of torchvision's CPU operators.
#include "inner.h"

// The intersection over union of one box {left, top, right, bottom, area} with box j.
static inline __attribute__((always_inline)) float overlap(
  const float *planes, int64_t stride, const float *box, int64_t j) {
  const float *left = planes, *top = left + stride, *right = top + stride, *bottom = right + stride;
  const float *area = bottom + stride;
  const float x1 = box[0] < left[j] ? left[j] : box[0], y1 = box[1] < top[j] ? top[j] : box[1];
  const float x2 = right[j] < box[2] ? right[j] : box[2], y2 = bottom[j] < box[3] ? bottom[j] : box[3];
  const float width = 0 < x2 - x1 ? x2 - x1 : 0, height = 0 < y2 - y1 ? y2 - y1 : 0;
  const float shared = width * height;
  return shared / (box[4] + area[j] - shared);
}

CLONED void kernel_box_overlaps(
  const float *restrict planes, int64_t stride, const float *restrict box, int64_t first, int64_t end,
  float *restrict overlaps) {
  const float own[5] = {box[0], box[1], box[2], box[3], box[4]};
  for (int64_t j = first; j < end; j++) {
    const float ratio = overlap(planes, stride, own, j);
    overlaps[j - first] = ratio == ratio ? ratio : 0;
  }
}

CLONED void kernel_box_suppress(
  const float *restrict planes, int64_t stride, const float *restrict box, float threshold, int64_t first, int64_t end,
  int32_t *restrict removed) {
  const float own[5] = {box[0], box[1], box[2], box[3], box[4]};
  for (int64_t j = first; j < end; j++) removed[j] |= overlap(planes, stride, own, j) > threshold;
}
