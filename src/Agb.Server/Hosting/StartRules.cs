using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Agb.Engine;
using Agb.Server.Load;
using Agb.Server.Owners;

namespace Agb.Server.Hosting;

/// <summary>What must hold before a server starts.</summary>
internal static class StartRules
{
    // Sessions see these trees of the host, read-only: keys and other owners' data do not belong there.
    private static readonly string[] s_visibleTrees = ["/usr", "/etc", "/opt", "/nix", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

    /// <summary>Checks the settings against the keys that there are.</summary>
    /// <exception cref="AgbException">AuthenticationFailed without any key; InvalidRequest for an address that others can listen in
    /// on, or https without a certificate; InvalidSessionOption for default limits that no session can have; ReservedPath for a data
    /// directory that sessions can see; AccessDenied for one of another user; InvalidSetting for a certificate that can't be read; HostNotReady for too few open files.</exception>
    internal static void Require(ServerOptions options, ApiKeyFile keys)
    {
        AgbStore.RequireUsable(options.DataDirectory);
        LimitRules.Limits(options.DefaultLimits);
        if (options.Load.Handles.Handles < HandleBudget.Least)
        {
            throw new AgbException(
                AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady,
                $"The server may have {options.Load.Handles.Handles} files open; it needs {HandleBudget.Least} at least, and more for each call that runs.",
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
                $"The server has no API key: '{keys.Path}' holds none, and --api-key is not given.",
                $"Make one: keys add NAME --data {options.DataDirectory}");
        }
        foreach (var address in options.Listen)
        {
            if (!address.IsEncrypted && !address.IsLoopback && !options.IsInsecure)
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidRequest,
                    $"{address} is reached by other machines, and API keys would cross the network unencrypted.",
                    "Use https:// with --certificate, or a loopback address behind a proxy that speaks TLS, or say --insecure.", address.ToString());
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
                AgbErrorIds.ReservedPath, $"The data directory '{options.DataDirectory}' lies in {tree}, which sessions see.",
                "Use another, such as /var/lib/agb.", options.DataDirectory);
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
