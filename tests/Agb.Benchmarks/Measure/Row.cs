namespace Agb.Benchmarks.Measure;

/// <summary>One measured pair: ours beside a peer, or why there is none.</summary>
internal sealed record Row
{
    /// <summary>The benchmark's name and the peer's, such as <c>create/podman</c>; the same in every run.</summary>
    internal required string Name { get; init; }

    /// <summary>What was done.</summary>
    internal required string Work { get; init; }

    /// <summary>What ours stands beside.</summary>
    internal required string Peer { get; init; }

    /// <summary>What the samples count.</summary>
    internal string Unit { get; init; } = "ms";

    /// <summary>The percentile whose ratio is compared with the target.</summary>
    internal int Percentile { get; init; } = 50;

    /// <summary>The ratio ours / theirs to reach, or null when the row only informs.</summary>
    internal double? Target { get; init; }

    internal Samples? Ours { get; init; }

    internal Samples? Theirs { get; init; }

    /// <summary>Why there are no figures.</summary>
    internal string? Missing { get; init; }

    /// <summary>Whether ours could not do the work.</summary>
    internal bool HasFailed => Name.EndsWith("/failed", StringComparison.Ordinal);

    /// <summary>When it was measured, UTC.</summary>
    internal DateTime MeasuredAt { get; init; } = DateTime.UtcNow;

    /// <summary>Ours / theirs: below 1 ours is the better one.</summary>
    internal double? Ratio => Ours is null || Theirs is null ? null : Ours.At(Percentile) / Theirs.At(Percentile);

    /// <summary>Whether the target is reached; null without a target or figures.</summary>
    internal bool? IsReached => Ratio <= Target is var reached && Ratio is not null && Target is not null ? reached : null;
}
