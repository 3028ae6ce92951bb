using System.Management.Automation;
using System.Security;

namespace Agb.PowerShell;

/// <summary>Accepts a secret as plain text too, for scripts.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if ((inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is not string text)
        {
            return inputData;
        }
        var secret = new SecureString();
        foreach (var character in text)
        {
            secret.AppendChar(character);
        }
        secret.MakeReadOnly();
        return secret;
    }
}
