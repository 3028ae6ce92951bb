using System.Dynamic;
using System.Linq.Expressions;

namespace Agb;

/// <summary>Gives a language that binds late the property <c>Path</c> of an object as the object has it. Other descriptions of the
/// object may show the path as another type, so that no one takes it for a path of this machine.</summary>
internal sealed class PathMember(Expression expression, object value) : DynamicMetaObject(expression, BindingRestrictions.Empty, value)
{
    private const string Name = nameof(AgbContextFile.Path);

    /// <inheritdoc/>
    public override DynamicMetaObject BindGetMember(GetMemberBinder binder) =>
        string.Equals(binder.Name, Name, StringComparison.OrdinalIgnoreCase)
            ? new DynamicMetaObject(
                Expression.Convert(Expression.Property(Expression.Convert(Expression, LimitType), Name), typeof(object)),
                BindingRestrictions.GetTypeRestriction(Expression, LimitType))
            : base.BindGetMember(binder);
}
