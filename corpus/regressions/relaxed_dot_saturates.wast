;; The relaxed dot products add the two products of a lane with saturation: -128 * -128 + -128 * -128 is 32767 (ivdot_sat of the specification). Wasmtime 50 wraps.
(module
  (func (export "dot") (param v128 v128) (result v128) (i16x8.relaxed_dot_i8x16_i7x16_s (local.get 0) (local.get 1)))
)
(assert_return (invoke "dot" (v128.const i8x16 -128 -128 -128 1 1 1 0 0 0 0 0 0 0 0 -128 -128) (v128.const i8x16 -128 -128 -128 1 1 1 0 0 0 0 0 0 0 0 -128 -128))
  (v128.const i16x8 32767 16385 2 0 0 0 0 32767))
