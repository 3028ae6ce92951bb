namespace Agb;

/// <summary>An image: the start of a session.</summary>
public sealed record AgbImage
{
    /// <summary>The id.</summary>
    public required string ImageId { get; init; }

    /// <summary>The root directory of the sessions' system; <c>/</c> is the host's own.</summary>
    // A message without it sets null.
    public string Root { get; init => field = value ?? "/"; } = "/";

    /// <summary>The home directory of the session's user.</summary>
    public required string HomeDirectory { get; init; }

    /// <summary>The purpose of the image.</summary>
    public string? Description { get; init; }

    /// <summary>Environment variables of every command.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init => field = Indexable.Table(value); } = Indexable.Table(new Dictionary<string, string>());
}
