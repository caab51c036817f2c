internal import Datasets
package import Distribution
internal import Foundation
internal import Kernels
internal import Optimizers
internal import Serialization
internal import Support
internal import Tensors
internal import Weights

/// Runs of several processes: the first one begins or resumes a run as one alone does, and the others join it.
extension Trainer {
  /// The run in a directory, resumed by several processes; see `init(resuming:)`. The first one alone reads the directory.
  ///
  /// - Throws: the same, and `TrainingError` where the processes do not fit each other or the run.
  package static func resumed(
    _ run: RunDirectory, dataPath: String? = nil, extendingTo epochs: Int? = nil,
    processes: any Communicator = SingleProcess(), observe: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> Trainer {
    try joined(processes, run, dataPath: dataPath, observe) {
      try Trainer(resuming: run, dataPath: dataPath, extendingTo: epochs, observe: observe)
    }
  }

  /// A run that all processes train: the first one makes it, and the others get its state.
  ///
  /// - Throws: what `make` throws, on all of them; `TrainingError` where they differ in what the bits depend on.
  static func joined(
    _ processes: any Communicator, _ run: RunDirectory, dataPath: String?,
    _ observe: @escaping (TrainingEvent) -> Void, make: () throws -> Trainer
  ) throws -> Trainer {
    guard processes.size > 1 else { return try make() }
    let program = "/proc/self/exe"
    let file = try RawFile(reading: program)
    try processes.requireSame(
      "build of the program", "CRC-32 \(try file.checksum(of: 0..<file.size).value)",
      "install the same build on all machines")
    let made = try processes.agreed { processes.isFirst ? try make() : nil }
    let found = made.map { ($0.state, $0.parameters, $0.optimizer.state) }
    let (state, parameters, optimizer) = try processes.shared(found, layers: run)
    if let problem = Self.problem(of: state.configuration, on: processes.size) {
      throw processes.isFirst ? TrainingError(problem) : ElsewhereFailed(rank: 0)
    }
    let trainer = try processes.agreed {
      try made ?? Trainer(joining: run, state, parameters, optimizer, dataPath: dataPath, observe)
    }
    trainer.processes = processes
    let dataset = trainer.setup.dataset
    try processes.requireSame(
      "dataset",
      dataset.checksums.sorted { $0.key < $1.key }.map { "\($0.key) of CRC-32 \($0.value)" }.joined(separator: "\n"),
      "copy the same file to all machines")
    let environment = TrainingState.Environment.current(threads: 1)
    try processes.requireSame(
      "type of machine", "oneDNN \(environment.oneDNN) on \(environment.instructionSet)",
      "use machines on which the bits are the same")
    return trainer
  }

  /// A run that another process has made or resumed.
  private convenience init(
    joining run: RunDirectory, _ state: TrainingState, _ parameters: Parameters, _ optimizer: Parameters,
    dataPath: String?, _ observe: @escaping (TrainingEvent) -> Void
  ) throws {
    let pool = ThreadPool(threads: min(state.environment.threads, ProcessInfo.processInfo.activeProcessorCount))
    let setup = try pool.use {
      try TrainingSetup(state.configuration, dataPath: dataPath, layers: run.layers)
    }
    self.init(run, setup, state, parameters, optimizer: optimizer, saved: nil, pool, observe)
  }

  /// Why several processes cannot train a run; nil if they can.
  private static func problem(of configuration: Configuration, on processes: Int) -> String? {
    let parts = configuration.optimizer.accumulate
    if parts < processes {
      return
        "optimizer.accumulate: a batch has \(parts) \(parts == 1 ? "part" : "parts"), and \(processes) processes were "
        + "started; set it to \(processes) or a multiple, or start fewer"
    }
    if configuration.onNonFinite == .rollback {
      return "onNonFinite: rollback works with one process alone, and \(processes) were started; set it to stop or skip"
    }
    return nil
  }
}

extension Communicator {
  /// Throws where a text differs between processes: `TrainingError` on the first one, `ElsewhereFailed` on the others.
  func requireSame(_ what: String, _ text: String, _ action: String) throws {
    guard let (rank, first, other) = difference(in: text) else { return }
    guard isFirst else { throw ElsewhereFailed(rank: 0) }
    throw TrainingError("process \(rank) has another \(what): it has \(other), process 0 has \(first); \(action)")
  }

  /// What process 0 has found of a run.
  fileprivate func shared(
    _ found: (state: TrainingState, parameters: Parameters, optimizer: Parameters)?, layers run: RunDirectory
  ) throws -> (TrainingState, Parameters, Parameters) {
    var message = Message()
    if let found {
      message.add(try found.state.json)
      for tensors in [found.parameters, found.optimizer] {
        message.add(tensors.count)
        for (name, shape) in tensors.shapes {
          message.add(name)
          message.add(shape)
        }
      }
    }
    var received = Message(gathered(message.bytes)[0])
    let json = received.text()
    var tensors: [Parameters] = []
    for own in [found?.parameters, found?.optimizer] {
      var theirs = Parameters()
      for index in 0..<received.number() {
        let (name, shape) = (received.text(), received.list())
        var tensor = own?[index] ?? Tensor(uninitialized: shape)
        broadcast(&tensor)
        theirs[name] = tensor
      }
      tensors.append(theirs)
    }
    if let found { return found }
    return (try TrainingState(json: json, path: run.path, layers: run.layers), tensors[0], tensors[1])
  }
}
