namespace Agb.Engine.Store.Tests;

/// <summary>What the policies mean, said plainly: a context and a session's mount as dictionaries from path to text.</summary>
internal sealed class PolicyModel
{
    private readonly Dictionary<string, string> _stored = new(StringComparer.Ordinal);

    /// <summary>What the context holds.</summary>
    internal IReadOnlyDictionary<string, string> Stored => _stored;

    /// <summary>What a session is given.</summary>
    internal Dictionary<string, string> Given(PolicyChoice policy) =>
        policy.AutoDownload ? Visible(policy) : new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What an upload of a session stores.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="before">What session and context last agreed on.</param>
    /// <param name="now">What the session has.</param>
    internal void Upload(PolicyChoice policy, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now)
    {
        foreach (var (path, text) in now)
        {
            if (policy.IsListed(path) && (!before.TryGetValue(path, out var was) || was != text))
            {
                _stored[path] = text;
            }
        }
        foreach (var path in before.Keys.Where(p => policy.MirrorsDeletions && policy.IsListed(p) && !now.ContainsKey(p)))
        {
            _stored.Remove(path);
        }
    }

    /// <summary>What an explicit download makes of a session's tree.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="before">What session and context last agreed on.</param>
    /// <param name="now">What the session has; changed.</param>
    /// <param name="force">Whether what the session changed is replaced too.</param>
    internal void Download(PolicyChoice policy, IReadOnlyDictionary<string, string> before, Dictionary<string, string> now, bool force)
    {
        var wanted = Visible(policy);
        foreach (var path in before.Keys.Union(wanted.Keys).Union(now.Keys).ToArray())
        {
            var isUntouched = Get(before, path) == Get(now, path);
            if (Get(before, path) == Get(wanted, path) ? !force || isUntouched || Get(wanted, path) is null : !force && !isUntouched)
            {
                continue;
            }
            if (wanted.TryGetValue(path, out var text))
            {
                now[path] = text;
            }
            else if (before.ContainsKey(path))
            {
                now.Remove(path);
            }
        }
    }

    private Dictionary<string, string> Visible(PolicyChoice policy) =>
        _stored.Where(s => policy.IsListed(s.Key)).ToDictionary(s => s.Key, s => s.Value, StringComparer.Ordinal);

    private static string? Get(IReadOnlyDictionary<string, string> tree, string path) => tree.GetValueOrDefault(path);
}

/// <summary>One choice of every field that changes what a tree of plain files becomes.</summary>
internal sealed record PolicyChoice(bool AutoUpload, bool AutoDownload, bool MirrorsDeletions, bool IsListing, bool IsMapped)
{
    // One directory without what is excluded in it, and one file.
    internal bool IsListed(string path) => !IsListing || path == "b/y" || (path.StartsWith("a/", StringComparison.Ordinal) && path != "a/z");

    internal AgbSyncPolicy ToPolicy(AgbUploadMode mode) => new()
    {
        Upload = new AgbUploadPolicy { AutoUpload = AutoUpload, UploadMode = mode },
        Download = new AgbDownloadPolicy { AutoDownload = AutoDownload },
        Delete = new AgbDeletePolicy { SyncLocalFile = MirrorsDeletions },
        WhiteLists = IsListing
            ? [new AgbWhiteList { Path = "a", ExcludePaths = ["z"] }, new AgbWhiteList { Path = "/b/y" }]
            : [],
        Mapping = IsMapped ? new AgbMappingPolicy { Path = "/data" } : null,
    };
}
