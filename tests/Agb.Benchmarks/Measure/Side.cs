namespace Agb.Benchmarks.Measure;

/// <summary>One side of a comparison.</summary>
/// <param name="Name">Short, for the row's name.</param>
/// <param name="Description">What it runs, in words or as a command line.</param>
/// <param name="Work">What is timed.</param>
internal sealed record Side(string Name, string Description, Func<Task> Work)
{
    /// <summary>Done before each run, not timed.</summary>
    internal Func<Task>? Before { get; init; }

    /// <summary>Done after each run, not timed.</summary>
    internal Func<Task>? After { get; init; }

    /// <summary>The ratio ours / theirs to reach against this peer.</summary>
    internal double? Target { get; init; }

    /// <summary>Why this peer can't be measured here.</summary>
    internal string? Missing { get; init; }

    /// <summary>A peer that is not there: its row says so.</summary>
    internal static Side NotHere(string name, string description, string reason) =>
        new(name, description, () => Task.CompletedTask) { Missing = reason };
}
