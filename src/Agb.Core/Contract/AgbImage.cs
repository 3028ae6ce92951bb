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

    /// <summary>Whether its sessions offer a browser (<see cref="IBrowserService"/>).</summary>
    public bool HasBrowser { get; init; }

    /// <summary>Whether its sessions have a desktop (<see cref="IDesktopService"/>).</summary>
    public bool HasDesktop { get; init; }

    /// <summary>The languages for code with an interpreter or compiler in the image.</summary>
    public IReadOnlyList<AgbCodeLanguage> Languages { get; init => field = Indexable.List(value); } = Indexable.List<AgbCodeLanguage>([]);

    /// <summary>What the host lacks for the image's browser and desktop: names of programs. Empty when all is there.</summary>
    public IReadOnlyList<string> Missing { get; init => field = Indexable.List(value); } = Indexable.List<string>([]);

    /// <summary>The command that installs what is missing; null when nothing is.</summary>
    public string? Remedy { get; init; }
}
