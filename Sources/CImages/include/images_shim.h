// libpng, libtiff and libwebp behind a few functions, without their types, long jumps and variable arguments.
//
// Files are in memory. Functions that return int return 0 on success; otherwise a reason is in the message.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Bytes of a message, its final zero included.
enum { images_message_size = 200 };

/// Decodes a PNG file to [height, width, channels] samples as stored: no gamma, no color profile, palettes expanded, the
/// upper 8 of 16 bits, transparency dropped.
///
/// The caller has read height, width and channels (1 gray, 3 color) from the header; another layout is an error.
/// *is_transparent tells whether any pixel is not opaque.
int images_png_decode(
  const uint8_t *bytes, size_t count, uint8_t *pixels, size_t height, size_t width, size_t channels,
  int32_t *is_transparent, char *message);

/// Encodes [height, width, channels] samples as a PNG file in *file, which the caller frees with `free`.
int images_png_encode(
  const uint8_t *pixels, size_t height, size_t width, size_t channels, uint8_t **file, size_t *count, char *message);

/// What the first directory of a TIFF file declares.
typedef struct {
  uint32_t width, height;
  uint32_t pages;
  uint16_t bits, samples, photometric, planar, format, compression, orientation, ink_set;
  uint16_t extra_count, extra_kind;  // samples beyond the colors, and the kind of the first: 1 associated, 2 unassociated
  uint8_t palette[3 * 256];          // of red, green and blue, 8 bits
} images_tiff_header;

typedef struct images_tiff images_tiff;

/// Opens a TIFF file whose bytes stay where they are until it is closed; libtiff takes at most memory_limit bytes at once.
images_tiff *images_tiff_open(
  const uint8_t *bytes, size_t count, size_t memory_limit, images_tiff_header *header, char *message);

/// Decodes the first directory to [height, width, samples]: the upper 8 of 16 bits, fewer than 8 bits as they are.
///
/// A strip or tile that is damaged, incomplete or larger than strip_limit is an error.
int images_tiff_read(images_tiff *tiff, uint8_t *samples, size_t strip_limit, char *message);

/// Decodes a first directory of luma and chroma that is not JPEG to [height, width] of red, green, blue and alpha.
int images_tiff_read_rgba(images_tiff *tiff, uint32_t *pixels, char *message);

void images_tiff_close(images_tiff *tiff);

/// What a WebP file declares.
typedef struct {
  int32_t width, height, has_alpha, is_animated;
} images_webp_header;

int images_webp_open(const uint8_t *bytes, size_t count, images_webp_header *header, char *message);

/// Decodes a still WebP file to [height, width, channels]: 3, or 4 with alpha that is not multiplied into the colors.
int images_webp_decode(
  const uint8_t *bytes, size_t count, uint8_t *pixels, size_t height, size_t width, size_t channels, char *message);

/// Decodes the first frame of an animated WebP file to [height, width, 4] on its canvas, and counts the frames.
int images_webp_decode_first(
  const uint8_t *bytes, size_t count, uint8_t *pixels, size_t height, size_t width, uint32_t *frames, char *message);
