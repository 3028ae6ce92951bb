namespace Agb.Sandbox;

/// <summary>The files of /etc generated for each session.</summary>
internal static class SessionEtc
{
    // One label of a host name (RFC 1123), within the kernel's limit (HOST_NAME_MAX is 64).
    private const int MaxHostName = 63;

    /// <summary>The files' names.</summary>
    public static readonly IReadOnlyList<string> Names = ["passwd", "group", "hostname", "hosts", "resolv.conf"];

    /// <summary>The files' contents by name.</summary>
    public static IReadOnlyDictionary<string, string> Build(SandboxSpec spec)
    {
        var hostName = HostName(spec.SessionId);
        var shell = File.Exists(HostPaths.ResolveLinks(spec.Image.Root).TrimEnd('/') + "/bin/bash") ? "/bin/bash" : "/bin/sh";
        return new Dictionary<string, string>
        {
            ["passwd"] =
                $"""
                root:x:0:0:root:/root:{shell}
                {SandboxIdentity.InnerName}:x:{SandboxIdentity.InnerUid}:{SandboxIdentity.InnerUid}:Session user:{spec.Image.HomeDirectory}:{shell}
                nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

                """,
            ["group"] =
                $"""
                root:x:0:
                {SandboxIdentity.InnerName}:x:{SandboxIdentity.InnerUid}:
                nogroup:x:65534:

                """,
            ["hostname"] = hostName + "\n",
            ["hosts"] =
                $"""
                127.0.0.1 localhost
                ::1 localhost ip6-localhost ip6-loopback
                127.0.1.1 {hostName}

                """,
            ["resolv.conf"] = spec.Network == AgbNetwork.Host ? Resolvers.OfHost() : spec.Resolvers?.ToText() ?? "",
        };
    }

    /// <summary>A host name made of a session id: lower case letters, digits and hyphens.</summary>
    public static string HostName(string sessionId)
    {
        var name = new StringBuilder();
        foreach (var c in sessionId.ToLowerInvariant())
        {
            name.Append(char.IsAsciiLetterOrDigit(c) ? c : '-');
        }
        var trimmed = name.ToString().Trim('-');
        if (trimmed.Length > MaxHostName)
        {
            // Ids differ at their end.
            trimmed = trimmed[^MaxHostName..].Trim('-');
        }
        return trimmed.Length > 0 ? trimmed : "session";
    }
}
