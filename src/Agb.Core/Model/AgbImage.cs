namespace Agb;

/// <summary>What a session can be started from.</summary>
public sealed record AgbImage
{
    /// <summary>The id.</summary>
    public required string ImageId { get; init; }

    /// <summary>The directory whose system the sessions see; <c>/</c> is the host's own.</summary>
    public string Root { get; init; } = "/";

    /// <summary>The home directory of the session's user.</summary>
    public required string HomeDirectory { get; init; }

    /// <summary>What the image is for.</summary>
    public string? Description { get; init; }

    /// <summary>Environment variables of every command.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init => field = Indexable.Table(value); } = Indexable.Table(new Dictionary<string, string>());
}
