import Recurrent
import Testing

@Suite("Schedules")
struct ScheduleTests {
  @Test func constantStaysTheSame() {
    let schedule = constantSchedule(0.25)
    #expect([0, 1, 1000].map(schedule) == [0.25, 0.25, 0.25])
  }

  @Test func cosineFallsFromTheRateToZero() {
    let schedule = cosineSchedule(0.5, steps: 6)
    // ½·½·(1 + cos(π·step / 6))
    let expected: [Float] = [0.5, 0.466_506_35, 0.375, 0.25, 0.125, 0.033_493_65, 0]
    for (step, rate) in expected.enumerated() { #expect(abs(schedule(step) - rate) < 1e-7, "step \(step)") }
    #expect(abs(schedule(100)) < 1e-7, "beyond the last step it stays at zero")
  }

  @Test func oneCycleRisesStraightAndFallsInACosine() {
    // 20 steps of warm-up out of 100, from 1 / 25 to 1; then 80 steps down.
    let schedule = oneCycleSchedule(1, steps: 100)
    let expected: [(step: Int, rate: Float)] = [
      (0, 0.04), (5, 0.28), (10, 0.52), (15, 0.76), (20, 1), (40, 0.853_553_39), (60, 0.5), (80, 0.146_446_61),
      (100, 0),
    ]
    for (step, rate) in expected { #expect(abs(schedule(step) - rate) < 1e-6, "step \(step)") }
  }

  @Test func oneCycleTakesItsShareOfWarmUp() {
    let schedule = oneCycleSchedule(2, steps: 10, warmUp: 0.5)
    for (step, rate) in [(0, 0.08), (1, 0.464), (4, 1.616), (5, 2), (10, 0)] as [(Int, Float)] {
      #expect(abs(schedule(step) - rate) < 1e-6, "step \(step)")
    }
  }
}
