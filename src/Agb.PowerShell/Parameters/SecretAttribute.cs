using System.Net;

namespace Agb.PowerShell;

/// <summary>Accepts a secret as plain text too, for scripts.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        Arguments.Plain(inputData) is string text ? new NetworkCredential("", text).SecurePassword : inputData;
}
