using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Agb.Engine;

namespace Agb.Server;

/// <summary>Preconditions of a server's start.</summary>
internal static class StartRules
{
    // Sessions see these host trees read-only: keep keys and owners' data out of them.
    private static readonly string[] s_visibleTrees = ["/usr", "/etc", "/opt", "/nix", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

    /// <summary>Checks the settings and the existing keys.</summary>
    /// <exception cref="AgbException">AuthenticationFailed without any key; InvalidRequest for an unencrypted public address, or
    /// for https without a certificate; InvalidSessionOption for impossible default limits; ReservedPath for a data directory
    /// visible in sessions; AccessDenied for a data directory of another user; InvalidSetting for an unreadable certificate;
    /// HostNotReady for too few open files.</exception>
    internal static void Require(ServerOptions options, ApiKeyFile keys)
    {
        AgbStore.RequireUsable(options.DataDirectory);
        LimitRules.Limits(options.DefaultLimits);
        if (options.Load.Handles.Handles < HandleBudget.Least)
        {
            throw new AgbException(
                AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady,
                $"The server may have {options.Load.Handles.Handles} files open; it needs at least {HandleBudget.Least}, and more for each running call.",
                "Raise the limit: ulimit -n, or systemd's LimitNOFILE=.");
        }
        if (options.FixedApiKey is { Length: < 8 })
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.AuthenticationFailed, "The API key has fewer than 8 characters.", "Give --api-key a long random value.");
        }
        if (options.FixedApiKey is null && keys.List().Count == 0)
        {
            throw new AgbException(
                AgbErrorIds.AuthenticationFailed, AgbErrorKind.InvalidState,
                $"The server has no API key: '{keys.Path}' contains none, and --api-key is not set.",
                $"Create one: keys add NAME --data {options.DataDirectory}");
        }
        foreach (var address in options.Listen)
        {
            if (!address.IsEncrypted && !address.IsLoopback && !options.IsInsecure)
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidRequest,
                    $"{address} is reachable from other machines, and API keys would cross the network unencrypted.",
                    "Use https:// with --certificate, or a loopback address behind a TLS proxy, or allow it with --insecure.", address.ToString());
            }
            if (address.IsEncrypted && options.CertificateFile is null)
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidRequest, $"{address} needs a certificate.", "Give --certificate FILE and --certificate-key FILE (PEM).", address.ToString());
            }
        }
        if (options.CertificateFile is not null)
        {
            RequireCertificate(options.CertificateFile, options.CertificateKeyFile);
        }
        var tree = Array.Find(s_visibleTrees, t => LinuxPath.IsAtOrBelow(options.DataDirectory, t));
        if (tree is not null)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.ReservedPath, $"The data directory '{options.DataDirectory}' lies in {tree}, visible to sessions.",
                "Use another directory, such as /var/lib/agb.", options.DataDirectory);
        }
    }

    private static void RequireCertificate(string file, string? keyFile)
    {
        try
        {
            using var read = X509Certificate2.CreateFromPemFile(file, keyFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSetting, $"The certificate '{file}' can't be used{(keyFile is null ? "" : $" with the key '{keyFile}'")}: {e.Message}",
                "Give --certificate FILE and --certificate-key FILE (PEM); the first may hold both.", file);
        }
    }
}
