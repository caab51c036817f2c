#include "images_shim.h"

#include <stdio.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

static int fail(char *message, const char *reason) {
  snprintf(message, images_message_size, "%s", reason);
  return 1;
}

int images_webp_open(const uint8_t *bytes, size_t count, images_webp_header *header, char *message) {
  WebPBitstreamFeatures features;
  VP8StatusCode status = WebPGetFeatures(bytes, count, &features);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA) return fail(message, "it ends early");
  if (status != VP8_STATUS_OK) return fail(message, "its header is damaged");
  header->width = features.width;
  header->height = features.height;
  header->has_alpha = features.has_alpha;
  header->is_animated = features.has_animation;
  return 0;
}

int images_webp_decode(
  const uint8_t *bytes, size_t count, uint8_t *pixels, size_t height, size_t width, size_t channels, char *message) {
  size_t stride = width * channels;
  if (stride > INT32_MAX) return fail(message, "its rows are too long");
  uint8_t *decoded = channels == 4 ? WebPDecodeRGBAInto(bytes, count, pixels, stride * height, (int)stride)
                                   : WebPDecodeRGBInto(bytes, count, pixels, stride * height, (int)stride);
  return decoded ? 0 : fail(message, "its pixels are damaged or end early");
}

int images_webp_decode_first(
  const uint8_t *bytes, size_t count, uint8_t *pixels, size_t height, size_t width, uint32_t *frames, char *message) {
  WebPData data = {bytes, count};
  WebPAnimDecoderOptions options;
  if (!WebPAnimDecoderOptionsInit(&options)) return fail(message, "another version of libwebp");
  options.color_mode = MODE_RGBA;
  options.use_threads = 0;
  WebPAnimDecoder *decoder = WebPAnimDecoderNew(&data, &options);
  if (!decoder) return fail(message, "its frames are damaged or end early");
  WebPAnimInfo info;
  uint8_t *frame = NULL;
  int timestamp = 0;
  int is_read = WebPAnimDecoderGetInfo(decoder, &info) && info.canvas_width == width && info.canvas_height == height
    && WebPAnimDecoderGetNext(decoder, &frame, &timestamp);
  if (is_read) {
    memcpy(pixels, frame, height * width * 4);
    *frames = info.frame_count;
  }
  WebPAnimDecoderDelete(decoder);
  return is_read ? 0 : fail(message, "its first frame is damaged or ends early");
}
