// Images of bytes, drawn again with their pixels moved about.

/// More control points along an axis than anyone needs.
#define MOST_CONTROLS 16

/// `bytes` [height, width] as floats, with a border of one blank pixel.
static void pad_with_blank(int64_t height, int64_t width, const uint8_t *bytes, float *padded) {
  int64_t row = width + 2;
  for (int64_t x = 0; x < row; x++) padded[x] = padded[(height + 1) * row + x] = 0;
  for (int64_t y = 0; y < height; y++) {
    float *to = padded + (y + 1) * row;
    to[0] = to[width + 1] = 0;
    for (int64_t x = 0; x < width; x++) to[x + 1] = (float)bytes[y * width + x];
  }
}

/// A coordinate of the image as one of the padded image, moved to its border where it is beyond: whole pixels and the rest.
INLINE IntVector whole_pixels(Vector coordinate, int64_t size, Vector *rest) {
  Vector inside = __builtin_elementwise_min(
      __builtin_elementwise_max(coordinate + splat(1.0f), splat(0.0f)), splat((float)(size + 1)));
  // The last pixel of the border has no right neighbour: it is the right neighbour, at a distance of 1.
  IntVector whole = __builtin_convertvector(__builtin_elementwise_min(inside, splat((float)size)), IntVector);
  *rest = inside - __builtin_convertvector(whole, Vector);
  return whole;
}

static void warp_bytes(int64_t height, int64_t width, int64_t controls, const float *basis_y, const float *basis_x,
                       const float *control, const uint8_t *bytes, float *padded, float scale, float shift,
                       float *out) {
  pad_with_blank(height, width, bytes, padded);
  int64_t row = width + 2;
  for (int64_t y = 0; y < height; y++) {
    // The spline along this row: its control points for both coordinates.
    float source_y[MOST_CONTROLS], source_x[MOST_CONTROLS];
    for (int64_t k = 0; k < controls; k++) {
      float sum_y = 0, sum_x = 0;
      for (int64_t j = 0; j < controls; j++) {
        sum_y += basis_y[y * controls + j] * control[j * controls + k];
        sum_x += basis_y[y * controls + j] * control[(controls + j) * controls + k];
      }
      source_y[k] = sum_y;
      source_x[k] = sum_x;
    }
    for (int64_t x = 0; x < width; x += LANES) {
      int64_t count = smaller(LANES, width - x);
      Vector from_y = splat(0.0f), from_x = splat(0.0f);
      for (int64_t k = 0; k < controls; k++) {
        Vector basis = load_part(basis_x + k * width + x, count);
        from_y += basis * splat(source_y[k]);
        from_x += basis * splat(source_x[k]);
      }
      Vector part_y, part_x, top_left, top_right, bottom_left, bottom_right;
      IntVector whole_y = whole_pixels(from_y, height, &part_y), whole_x = whole_pixels(from_x, width, &part_x);
      IntVector at = whole_y * (int32_t)row + whole_x;
      UNROLLED for (int lane = 0; lane < LANES; lane++) {
        const float *pixel = padded + at[lane];
        top_left[lane] = pixel[0];
        top_right[lane] = pixel[1];
        bottom_left[lane] = pixel[row];
        bottom_right[lane] = pixel[row + 1];
      }
      Vector top = top_left + part_x * (top_right - top_left);
      Vector bottom = bottom_left + part_x * (bottom_right - bottom_left);
      store_part(out + y * width + x, splat(scale) * (top + part_y * (bottom - top)) + splat(shift), count);
    }
  }
}

#undef MOST_CONTROLS
